"""`python -m clarion` is `clarion`."""

from clarion.cli.main import run

if __name__ == "__main__":
    run()
