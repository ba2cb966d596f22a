#!/bin/sh
# tests/scenario/points.py with each point.
set -u
KASK_POINTS=all exec "${0%/*}/../scenario/points.py"
