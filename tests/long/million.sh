#!/bin/sh
# tests/scenario/memory.py with a million referrals that wait.
set -u
KASK_WAITING=1000000 exec "${0%/*}/../scenario/memory.py"
