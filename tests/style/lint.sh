#!/bin/sh
# The quick parts of tests/lint; tests/long/analysis.sh has the others.
set -u
KASK_LINT=$KASK_LOGS/lint exec "$KASK_SOURCE/tests/lint" format cppcheck
