#!/bin/sh
# Makes the math font's subset: letters, Greek, operators, arrows, brackets and the alphabets that
# formulas use, with the MATH table and its size variants. Needs npm and fonttools with brotli.
set -eu
package=@fontsource/stix-two-math@5.3.0
folder=$(mktemp -d)
target=$(dirname "$0")/../quizzer/web/static/fonts
npm pack --silent --pack-destination "$folder" "$package" >/dev/null
tar -xzf "$folder"/*.tgz -C "$folder"
mkdir -p "$target"
pyftsubset "$folder/package/files/stix-two-math-latin-400-normal.woff2" \
  --unicodes="U+20-7E,U+A0,U+A7-A9,U+AC,U+AF-B7,U+D7,U+F7,U+131,U+237,U+2C6-2DC,U+300-338,U+391-3C9,U+3D1,U+3D5,U+3D6,U+3F0,U+3F1,U+3F5,U+2010-2016,U+2018-201D,U+2020-2022,U+2026,U+2032-2037,U+2044,U+2057,U+20D0-20DF,U+2102,U+210B-2115,U+2118-211D,U+2124,U+2128,U+212C-2138,U+2190-2199,U+21A6,U+21A9,U+21AA,U+21CC,U+21D0-21D5,U+2200-222E,U+2234-2237,U+223C,U+2240-224D,U+2250-2257,U+2260-2273,U+227A-228B,U+2293-22AE,U+22B2-22B5,U+22BB-22C6,U+22CA-22D1,U+22EE-22F1,U+2308-230B,U+23DC-23E1,U+25A1,U+25CB,U+27E8-27EB,U+27F5-27FF,U+2A00-2A06,U+2A2F,U+2A7D,U+2A7E,U+1D400-1D4CF,U+1D538-1D56B,U+1D6A8-1D6E1,U+1D6FC-1D71B,U+1D7CE-1D7D7" \
  --no-hinting --layout-features=ssty,dtls,flac --flavor=woff2 \
  --output-file="$target/stix-two-math.woff2"
cp "$folder/package/LICENSE" "$target/stix-two-math.LICENSE.txt"
rm -r "$folder"
