package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The consumers of one group, each in a JVM of its own. Belongs to the thread of the test. */
final class ConsumerGroup implements AutoCloseable {
    private final Function<Consumer<AuditedConsumer>, AuditedConsumer.Builder> settings;
    private final Random random;
    private final List<AuditedConsumer> members = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    /**
     * Begins without members.
     *
     * @param settings builds a member, whose owner gets it as soon as it is started
     */
    ConsumerGroup(Function<Consumer<AuditedConsumer>, AuditedConsumer.Builder> settings, Random random) {
        this.settings = settings;
        this.random = random;
    }

    AuditedConsumer start() throws IOException {
        return settings.apply(members::add).start();
    }

    /** Waits until all have started: a start is refused, not repeated, when something is away. */
    void awaitStart() {
        members.forEach(member -> member.await("started"));
    }

    List<AuditedConsumer> members() {
        return List.copyOf(members);
    }

    AuditedConsumer any() {
        return members.get(random.nextInt(members.size()));
    }

    /** Kills a member, which must have told its story up to then. */
    void kill(AuditedConsumer member) throws IOException {
        members.remove(member);
        member.kill();
        complaints.addAll(LogStory.of(member).complaintsOfKilled());
        member.close();
    }

    /** Ends a member in order; it must leave nothing behind, and must have kept to its budget. */
    void stop(AuditedConsumer member) throws IOException {
        members.remove(member);
        member.stop();
        String left = member.line(AuditedConsumer.LEFT_BEHIND);
        if (!left.equals("[]")) {
            complaints.add("threads are left of a consumer that has ended: " + left);
        }
        String[] buffered = member.line(AuditedConsumer.BUFFERED).split(" of ", -1);
        if (Long.parseLong(buffered[0]) > Long.parseLong(buffered[1])) {
            complaints.add("a consumer has buffered " + buffered[0] + " bytes of " + buffered[1]);
        }
        complaints.addAll(LogStory.of(member).complaintsOfEnded());
        member.close();
    }

    /** Whether a member has printed a line with this text in it. */
    boolean haveSaid(String text) {
        return members.stream().anyMatch(member -> member.hasPrinted(text));
    }

    /** How many lines of all members begin like this. */
    long count(String prefix) {
        return members.stream().mapToLong(member -> member.count(prefix)).sum();
    }

    /** What members have done that they must not, ending by themselves among it. */
    List<String> complaints() {
        List<String> all = new ArrayList<>(complaints);
        members.stream()
                .filter(member -> !member.isAlive())
                .forEach(member -> all.add("a consumer has ended by itself: " + member.lastWords()));
        return all;
    }

    /** What all members have said last, for the report of a failure. */
    @Override
    public String toString() {
        return members.stream().map(AuditedConsumer::lastWords).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() throws IOException {
        for (AuditedConsumer member : members) {
            member.close();
        }
    }
}
