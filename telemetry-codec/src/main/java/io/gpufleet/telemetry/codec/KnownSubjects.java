package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The subjects of earlier texts by the bytes of their labels, apart for each host that a record names, since that host
 * wins over the labels. Everything is forgotten when an estimate of its memory passes a limit, so that labels that
 * differ in every text do not fill the heap. Used by one thread at a time.
 */
final class KnownSubjects {
    /** Where the labels themselves say the host; no host of a record is empty. */
    static final String NO_HOST = "";

    private static final int HOST_BYTES = 512;
    private static final int SUBJECT_BYTES = 1280;
    private static final int LABEL_BYTES = 192;
    /** Of one byte of a text: in the key, in the texts of the subject, and in its series. */
    private static final int MULTIPLE = 8;

    /**
     * A GPU, a part of it or another series of it. Two series of one place in a text may differ in their workload only.
     */
    private static final class Place {
        private long text;
        private long series;

        /** Returns whether a text has another series of this place. */
        boolean isRepeated(long ofText, long ofSeries) {
            if (text != ofText) {
                text = ofText;
                series = ofSeries;
            }
            return series != ofSeries;
        }
    }

    /** The subject of some labels, none if they are of no GPU. Used by one thread at a time. */
    static final class Known {
        private final Optional<GpuSubject> subject;
        private final Place place;
        private long text;

        private Known(Optional<GpuSubject> subject, Place place) {
            this.subject = subject;
            this.place = place;
        }

        /** Returns the subject of labels of which no other text will know. */
        static Known once(Optional<GpuSubject> subject) {
            return new Known(subject, new Place());
        }

        Optional<GpuSubject> subject() {
            return subject;
        }

        /** Notes the use in a text, and returns whether another subject of the text may differ in its workload only. */
        boolean isRepeated(long ofText) {
            if (text == ofText) {
                return false;
            }
            text = ofText;
            return subject.isPresent() && place.isRepeated(ofText, subject.get().seriesKey());
        }
    }

    private final long mostBytes;
    private final Map<String, Recurring<Known>> byHost = new HashMap<>();
    private final Map<String, Place> places = new HashMap<>();
    private long bytes;
    private int timesForgotten;

    /**
     * Creates an empty memory.
     *
     * @param mostBytes the limit of its estimated bytes
     */
    KnownSubjects(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Returns the estimated bytes. */
    long bytes() {
        return bytes;
    }

    /** Returns how often everything was forgotten. */
    int timesForgotten() {
        return timesForgotten;
    }

    /** Returns the subjects of a host, at the begin of a text. */
    Recurring<Known> of(String host) {
        Recurring<Known> known = byHost.get(host);
        if (known == null) {
            known = new Recurring<>();
            reserve(HOST_BYTES + (long) MULTIPLE * host.length());
            byHost.put(host, known);
        }
        known.rewind();
        return known;
    }

    /**
     * Keeps a subject. If nothing else has room beside it, everything else is forgotten, the other subjects of the text
     * too.
     *
     * @param host whose subjects they are
     * @param ofHost the subjects of the host
     */
    Known keep(String host, Recurring<Known> ofHost, byte[] text, int from, int to, Optional<GpuSubject> subject) {
        if (reserve(SUBJECT_BYTES
                + (long) MULTIPLE * (to - from)
                + subject.map(KnownSubjects::labelBytes).orElse(0))) {
            ofHost.clear();
            byHost.put(host, ofHost);
            bytes += HOST_BYTES + (long) MULTIPLE * host.length();
        }
        Place place = places.computeIfAbsent(subject.map(KnownSubjects::place).orElse(""), name -> new Place());
        Known known = new Known(subject, place);
        ofHost.keep(text, from, to, known);
        return known;
    }

    /** Makes room for bytes, and returns whether everything was forgotten for it. */
    private boolean reserve(long more) {
        boolean isFull = bytes + more > mostBytes;
        if (isFull) {
            byHost.clear();
            places.clear();
            bytes = 0;
            timesForgotten++;
        }
        bytes += more;
        return isFull;
    }

    private static int labelBytes(GpuSubject subject) {
        return LABEL_BYTES * (subject.labels().size() + subject.discriminators().size());
    }

    /** Returns a name of the place of a subject; different places may have one name, but not one place two names. */
    private static String place(GpuSubject subject) {
        return subject.uuid() + '\n' + subject.instance() + '\n' + subject.discriminators();
    }
}
