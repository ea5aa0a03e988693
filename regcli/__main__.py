"""Entry point. Importing it loads nothing, so that Ctrl-C is answered from the first moment on."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from regcli.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
