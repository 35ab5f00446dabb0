"""`python -m procwidget` is the command `procwidget`: see `procwidget.cli`."""

import sys

from procwidget.cli import main

if __name__ == "__main__":
    sys.exit(main())
