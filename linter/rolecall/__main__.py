"""`python -m rolecall`."""

import sys
from pathlib import Path

# `-m` puts the current directory first on the path, and what is checked must not provide code: a file called `yaml.py`
# in it would be run. Where rolecall itself was found there, it is the user's own checkout.
if not sys.flags.safe_path and Path(sys.path[0]) != Path(__file__).parent.parent:
    del sys.path[0]

from rolecall.start import main

main()
