#!/usr/bin/env bash
# Prints the ten test classes that took longest in the last build: seconds, tests, class. Reads the reports of
# Surefire and Failsafe; run `mvn verify` before. Takes the number of classes to print (default: 10).
set -euo pipefail
# Reports have a decimal point, whatever the language.
export LC_ALL=C
cd "$(dirname "$0")/../.."
[ $# -le 1 ] || { echo "$# arguments: at most one is allowed, the number of classes" >&2; exit 2; }
count=${1-10}
[[ $count =~ ^[1-9][0-9]*$ ]] || { echo "number of classes: \"$count\" is not a positive number" >&2; exit 2; }

# The attribute of a test suite, whatever the order of its attributes.
attribute() { sed -nE "s/.*<testsuite [^>]*[[:space:]]$1=\"([^\"]*)\".*/\1/p" <<< "$2"; }

reports=$(find . -path '*/target/*-reports/TEST-*.xml' -not -path './.git/*')
[ -n "$reports" ] || { echo 'no reports of tests: run mvn verify before' >&2; exit 1; }
while IFS= read -r report; do
    suite=$(tr '\n' ' ' < "$report" | grep -oE '<testsuite [^>]*>' | head -1 || true)
    # A fork that was killed leaves an empty report.
    [ -n "$suite" ] || { echo "$report has no test suite" >&2; continue; }
    printf '%8.1f s %5d tests  %s\n' "$(attribute time "$suite")" "$(attribute tests "$suite")" "$(attribute name "$suite")"
done <<< "$reports" | sort -rn | awk -v count="$count" 'NR <= count'
