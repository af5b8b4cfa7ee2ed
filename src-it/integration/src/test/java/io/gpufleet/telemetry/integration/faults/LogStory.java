package io.gpufleet.telemetry.integration.faults;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the log of a consumer must be, whatever has happened to it: each change is told once. */
final class LogStory {
    private static final String OURS = " io.gpufleet.telemetry.kafka.RunLog - ";
    private static final String STARTED = "has started:";
    private static final String CLOSED = "was closed:";
    private static final String OVER = "well again";
    private static final String SUMMED_UP = "set aside as dead letters";

    private LogStory() {}

    /**
     * Looks at the log of a consumer that was ended in order.
     *
     * @param log all lines of its process
     * @return what is wrong with it
     */
    static List<String> complaints(List<String> log) {
        List<String> story = log.stream().filter(line -> line.contains(OURS)).toList();
        List<String> complaints = new ArrayList<>();
        requireOne(STARTED, story, complaints);
        requireOne(CLOSED, story, complaints);
        complaints.addAll(repeated(story));
        return complaints;
    }

    private static void requireOne(String words, List<String> story, List<String> complaints) {
        long count = story.stream().filter(line -> line.contains(words)).count();
        if (count != 1) {
            complaints.add("a log says \"" + words + "\" " + count + " times");
        }
    }

    /** A trouble that is told again was over in between; figures in it may differ. */
    private static List<String> repeated(List<String> story) {
        List<String> repeated = new ArrayList<>();
        Set<String> told = new HashSet<>();
        for (String line : story) {
            String words = line.substring(line.indexOf(OURS) + OURS.length()).replaceAll("[0-9]+", "n");
            if (words.contains(OVER)) {
                told.clear();
            } else if (line.contains("WARN") && words.startsWith("Group ") && !words.contains(SUMMED_UP)) {
                if (!told.add(words)) {
                    repeated.add("a log tells a trouble again that was not over: " + line);
                }
            }
        }
        return repeated;
    }
}
