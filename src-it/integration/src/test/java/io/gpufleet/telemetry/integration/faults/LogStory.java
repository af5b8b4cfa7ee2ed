package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The expected log of a consumer, whatever has happened to it: start, assignments and each change of its health appear
 * once, and nothing floods it.
 *
 * @param log all lines of its process
 * @param assignments the number of assignments with partitions, by its events
 * @param age the lifetime of the process
 */
record LogStory(List<String> log, long assignments, Duration age) {
    private static final String OURS = " io.gpufleet.telemetry.kafka.RunLog - ";
    private static final String STARTED = "has started:";
    private static final String GIVEN = "this consumer was given";
    private static final String CLOSED = "was closed:";
    private static final String OVER = "recovered after";
    private static final String SUMMED_UP = "dead-lettered; the first";
    private static final String POOL = " com.zaxxer.hikari.";
    private static final long MOST_IN_A_MINUTE = 100;

    /** Creates the story from the whole log of a process that has ended. */
    static LogStory of(AuditedConsumer consumer) {
        return new LogStory(consumer.log(), consumer.count(AuditedConsumer.GIVEN), consumer.age());
    }

    /** Returns complaints about the log of a consumer that was closed. */
    List<String> complaintsOfEnded() {
        return complaints(1, assignments);
    }

    /** Returns complaints about the log of a consumer that was killed, perhaps between a line and its event. */
    List<String> complaintsOfKilled() {
        return complaints(0, assignments + 1);
    }

    private List<String> complaints(long ends, long mostAssignments) {
        List<String> story = log.stream().filter(line -> line.contains(OURS)).toList();
        List<String> complaints = new ArrayList<>();
        require(STARTED, 1, 1, story, complaints);
        require(GIVEN, assignments, mostAssignments, story, complaints);
        require(CLOSED, ends, ends, story, complaints);
        complaints.addAll(repeated(story));
        long most = MOST_IN_A_MINUTE * (age.toMinutes() + 1);
        long lines = linesOfClients();
        if (lines > most) {
            complaints.add("a log has " + lines + " lines after " + age + ", more than " + most);
        }
        return complaints;
    }

    /**
     * Returns all lines except the pool's, which belongs to the host and logs each broken connection with its stack.
     */
    private long linesOfClients() {
        long lines = 0;
        boolean isPools = false;
        for (String line : log) {
            isPools = line.startsWith("[") ? line.contains(POOL) : isPools;
            lines += isPools ? 0 : 1;
        }
        return lines;
    }

    private static void require(String words, long least, long most, List<String> story, List<String> complaints) {
        long count = story.stream().filter(line -> line.contains(words)).count();
        if (count < least || count > most) {
            complaints.add("a log says \"" + words + "\" " + count + " times, which has happened " + least + " times");
        }
    }

    /** Returns repeated lines. A trouble may be logged again only if it ended in between; its figures may differ. */
    private static List<String> repeated(List<String> story) {
        List<String> repeated = new ArrayList<>();
        Set<String> told = new HashSet<>();
        for (String line : story) {
            String words = line.substring(line.indexOf(OURS) + OURS.length()).replaceAll("[0-9]+", "n");
            if (words.contains(OVER)) {
                told.clear();
            } else if (line.contains("WARN") && words.startsWith("Group ") && !words.contains(SUMMED_UP)) {
                if (!told.add(words)) {
                    repeated.add("a log repeats a trouble that was not over: " + line);
                }
            }
        }
        return repeated;
    }
}
