#!/bin/sh
# tests/scenario/restored.py at each moment.
set -u
KASK_MOMENTS=all exec "${0%/*}/../scenario/restored.py"
