#!/usr/bin/env bash
# On each of these JDKs: builds and tests everything, shows the quickstart, and runs a consumer that the JDK of this
# shell has built.
#
#   src-it/compatibility/jdks.sh /usr/lib/jvm/temurin-25-jdk-amd64
set -euo pipefail
cd "$(dirname "$0")/../.."

for jdk in "$@"; do
    JAVA_HOME=$jdk mvn clean verify
    JAVA_HOME=$jdk mvn -Pquickstart
    mvn clean verify -Dgates.skip -DskipTests -pl src-it/integration -am -Dit.test=OtherJdkIT -Dtelemetry.jdk="$jdk"
done
