# Home Assistant installs probatio under this name: its types are the ones that hold.
from probatio import *
