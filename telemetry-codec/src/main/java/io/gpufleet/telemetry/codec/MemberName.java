package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.codec.EventMember.Section;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The name of a member of an object, as its bytes in JSON with quotation marks and a colon. The names of an object are
 * a ring in the order in which most senders write them, so that the name expected next is tried first. No name is
 * hashed. Unchanged once the ring is closed.
 */
final class MemberName {
    private final EventMember member;
    private final byte[] quoted;
    private final @Nullable MemberName inner;
    private MemberName next = this;

    private MemberName(EventMember member) {
        this.member = member;
        this.quoted = member.quoted().getBytes(UTF_8);
        this.inner = member instanceof Section section ? firstOf(section) : null;
    }

    /** Returns the first name of an object. */
    static MemberName firstOf(Section section) {
        List<MemberName> ring =
                section.members().values().stream().map(MemberName::new).toList();
        for (int i = 0; i < ring.size(); i++) {
            ring.get(i).next = ring.get((i + 1) % ring.size());
        }
        return ring.get(0);
    }

    EventMember member() {
        return member;
    }

    /** Returns the first name in the object that the member is. */
    MemberName inner() {
        return requireNonNull(inner, "inner");
    }

    /** Returns the name that is expected behind this one, and behind the last one the first. */
    MemberName next() {
        return next;
    }

    /** Returns the number of bytes, with the quotation marks and the colon. */
    int length() {
        return quoted.length;
    }

    /** Returns the name that stands somewhere, looked for from this one on; nothing if it is none of the object. */
    @Nullable
    MemberName find(byte[] json, int at, int end) {
        MemberName name = this;
        while (!name.isAt(json, at, end)) {
            name = name.next;
            if (name == this) {
                return null;
            }
        }
        return name;
    }

    private boolean isAt(byte[] json, int at, int end) {
        int behind = at + quoted.length;
        return behind <= end && Arrays.equals(json, at, behind, quoted, 0, quoted.length);
    }
}
