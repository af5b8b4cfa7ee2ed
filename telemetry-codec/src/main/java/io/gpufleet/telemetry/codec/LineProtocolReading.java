package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.Entry.Token;
import io.gpufleet.telemetry.codec.RowReader.Labels;
import io.gpufleet.telemetry.codec.SampleJudge.Reading;
import io.gpufleet.telemetry.codec.SampleJudge.Texts;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import io.gpufleet.telemetry.internal.LineProtocolText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The reading of one text of line protocol. Lines of one series share what it means. Used once, by one thread. */
final class LineProtocolReading implements SampleReading {
    /** A measurement with its tags. */
    private static final class Series {
        private final String measurement;
        private final Map<String, String> labels;
        private final Map<String, Optional<GpuMetric>> metrics = new HashMap<>();
        private boolean isOfKnownSubject;
        private Optional<GpuSubject> subject = Optional.empty();

        Series(String measurement, Map<String, String> labels) {
            this.measurement = measurement;
            this.labels = labels;
        }
    }

    private final SampleRules rules;
    private final LineProtocolRules names;
    private final Optional<Instant> scrapeTime;
    private final Inflated source;
    private final byte[] text;
    private final Entries entries;
    private final RowReader reader;
    private final LineProtocolLine line = new LineProtocolLine();
    private final NumberReader number = new NumberReader();
    private final Recurring<Series> known = new Recurring<>();

    private int lines;

    LineProtocolReading(SampleRules rules, LineProtocolRules names, ScrapeContext context, Inflated source) {
        this.rules = rules;
        this.names = names;
        this.scrapeTime = context.time().map(time -> time.truncatedTo(ChronoUnit.MICROS));
        this.source = source;
        this.text = source.bytes();
        this.entries = new Entries("line", rules, context);
        this.reader = new RowReader(rules, context, entries);
        // Which lines stand in one text is chance: the scope of a sample must not depend on it.
        entries.setSingle();
    }

    @Override
    public Entries read() {
        int at = source.from();
        while (at < source.to()) {
            int feed = nextFeed(at);
            int to = endOfLine(at, feed);
            lines++;
            read(at, to > at && text[to - 1] == '\r' ? to - 1 : to, to == source.to());
            lines += feeds(feed, to);
            at = to + 1;
        }
        return entries;
    }

    private int nextFeed(int from) {
        int feed = from;
        while (feed < source.to() && text[feed] != '\n') {
            feed++;
        }
        return feed;
    }

    /** Returns the index behind a line, which goes on behind its first line feed if that stands in a text. */
    private int endOfLine(int from, int feed) {
        int at = from;
        while (at < feed && text[at] != '"') {
            at++;
        }
        return at == feed
                ? feed
                : LineProtocolText.endOfLine(
                        text, from, source.to(), rules.limits().lineBytes());
    }

    private int feeds(int from, int to) {
        int feeds = 0;
        for (int at = from; at < to; at++) {
            feeds += text[at] == '\n' ? 1 : 0;
        }
        return feeds;
    }

    @Override
    public void requireWhole() {
        source.requireWhole(lines);
    }

    /**
     * Returns some of the lines that were read.
     *
     * @param chosen the lines, in their order
     */
    @Override
    public Optional<byte[]> excerpt(List<Place> chosen) {
        Excerpt excerpt = new Excerpt(text, 0);
        chosen.forEach(place -> excerpt.add(Optional.empty(), place, isOpen(place)));
        return Optional.of(excerpt.bytes());
    }

    /** Returns whether no line feed ends a line; its carriage return is no part of it. */
    private boolean isOpen(Place place) {
        int end = text[source.to() - 1] == '\r' ? source.to() - 1 : source.to();
        return place.to() >= end && text[source.to() - 1] != '\n';
    }

    private void read(int from, int to, boolean isOpen) {
        if (from == to || LineProtocolText.isComment(text, from, to)) {
            return;
        }
        Place place = new Place(lines, from, to);
        try {
            requireReadable(to - from, isOpen);
            readFields(place);
        } catch (CodecException fault) {
            entries.refuse(place, text, fault.reason());
        }
    }

    private void requireReadable(int length, boolean isOpen) {
        if (length > rules.limits().lineBytes()) {
            throw refuse("line has " + length + " bytes, the limit is "
                    + rules.limits().lineBytes());
        }
        if (isOpen && !rules.acceptsOpenEnd()) {
            throw refuse("no line feed ends the line");
        }
    }

    /** Reads the line to its end before anything of it is kept. */
    private void readFields(Place place) {
        line.forget();
        line.begin(text, place.from(), place.to());
        while (line.nextField()) {
            // Only passed by.
        }
        String written = line.time();
        Series series = series(line.series());
        line.forget();
        line.begin(text, place.from(), place.to());
        while (line.nextField()) {
            readField(place, series, written);
        }
    }

    private Series series(Token token) {
        Series found = known.find(text, token.from(), token.to());
        if (found == null) {
            Map<String, String> tags = line.tags();
            if (tags.size() > rules.limits().labels()) {
                throw refuse("more than " + rules.limits().labels() + " tags");
            }
            String measurement = line.measurement();
            found = new Series(measurement, names.labels(measurement, tags));
            known.put(text, token.from(), token.to(), found);
        }
        return found;
    }

    private void readField(Place place, Series series, String time) {
        Optional<GpuMetric> metric =
                series.metrics.computeIfAbsent(line.field(), field -> names.metric(series.measurement, field, reader));
        if (metric.isEmpty()) {
            rules.leftOut().addOtherMetric();
        } else if (metric.get().isLabel()) {
            rules.leftOut().addLabelField();
        } else {
            subject(series)
                    .ifPresentOrElse(
                            subject -> readValue(place, metric.get(), subject, time),
                            () -> rules.leftOut().addNotGpu());
        }
    }

    private Optional<GpuSubject> subject(Series series) {
        if (!series.isOfKnownSubject) {
            series.subject = reader.subject(new Labels(series.labels, Map.of()));
            series.isOfKnownSubject = true;
        }
        return series.subject;
    }

    private void readValue(Place place, GpuMetric metric, GpuSubject subject, String time) {
        if (!line.isNumber(number)) {
            String kind = line.isText() ? " is the text " : " is ";
            String shown = line.isText() ? line.valueText() : Quotation.of(line.valueText());
            reader.refuse(
                    place, subject, metric, "field " + Quotation.of(line.field()) + kind + shown + ", not a number");
            return;
        }
        String written = line.valueText();
        reader.read(place, new Reading(metric, subject, number.value(), number.isDecimal()), new Texts() {
            @Override
            public Instant time() {
                return LineProtocolReading.this.time(time);
            }

            @Override
            public String number() {
                return written;
            }
        });
    }

    private Instant time(String written) {
        return written.isEmpty()
                ? scrapeTime.orElseThrow(
                        () -> refuse("no time; give scrapeTime(...) or the header " + ScrapeHeaders.TIME))
                : names.time(written);
    }

    private static CodecException refuse(String reason) {
        return new CodecException(reason, 0);
    }
}
