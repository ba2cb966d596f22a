#!/bin/sh
# tests/scenario/points_adapter.py with each point.
set -u
KASK_POINTS=all exec "${0%/*}/../scenario/points_adapter.py"
