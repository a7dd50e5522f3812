"""`python -m graders` is `graders`."""

from graders.cli import main

if __name__ == "__main__":
    main(prog_name="graders")
