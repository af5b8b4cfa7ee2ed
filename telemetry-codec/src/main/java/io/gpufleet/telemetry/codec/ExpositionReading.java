package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.Entry.Row;
import io.gpufleet.telemetry.codec.Entry.Token;
import io.gpufleet.telemetry.codec.Recurring.Item;
import io.gpufleet.telemetry.codec.SampleJudge.Reading;
import io.gpufleet.telemetry.codec.SampleJudge.Texts;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.gpu.Readings;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The reading of one exposition text. A line's tokens are places in the text; labels that stand in many lines are read
 * once, and so is a metric's name. Used once, by one thread.
 */
final class ExpositionReading implements SampleReading {
    private static final byte[] TYPE = "# TYPE ".getBytes(UTF_8);
    private static final byte[] COUNTER = "counter".getBytes(UTF_8);
    private static final byte[] EOF = "# EOF".getBytes(UTF_8);
    private static final byte[] EOF_LINE = "# EOF\n".getBytes(UTF_8);
    private static final String TOTAL = "_total";

    private final SampleRules rules;
    private final Optional<Instant> scrapeTime;
    private final Inflated source;
    private final byte[] text;
    private final int end;
    private boolean openMetrics;

    private final Entries entries;
    private final SampleJudge judge;
    private final Recurring<MetricFamily> families = new Recurring<>();
    private final Recurring<Optional<GpuSubject>> subjects = new Recurring<>();

    private final ExpositionLine line = new ExpositionLine();
    private final NumberReader number = new NumberReader();
    private final LabelReader labels;
    private final SubjectReader subjectReader;

    private int at;
    private int lines;
    private OptionalInt endLine = OptionalInt.empty();

    /**
     * Creates the reading of a text.
     *
     * @param context what is known of the record
     * @param openMetrics whether times are seconds, whatever the last line says
     */
    ExpositionReading(SampleRules rules, ScrapeContext context, Inflated source, boolean openMetrics) {
        this.rules = rules;
        this.scrapeTime = context.time().map(time -> time.truncatedTo(ChronoUnit.MICROS));
        this.source = source;
        this.entries = new Entries("line", rules, context);
        this.text = source.bytes();
        this.at = source.from();
        this.end = source.to();
        this.openMetrics = openMetrics;
        this.judge = new SampleJudge(rules, entries);
        this.labels = new LabelReader(rules.limits(), new Utf8(rules.leftOut()));
        this.subjectReader = new SubjectReader(rules, context.host());
    }

    @Override
    public Entries read() {
        while (at < end) {
            lines++;
            if (!readAgain()) {
                readNext();
            }
        }
        families.all().forEach(family -> settle(family.value()));
        entries.settle(this::settle);
        return entries;
    }

    @Override
    public void requireWhole() {
        source.requireWhole(lines);
    }

    /**
     * Returns some of the lines that were read, with their types, and the last line, which says what unit the times
     * have.
     *
     * @param chosen the lines, in their order
     */
    @Override
    public Optional<byte[]> excerpt(List<Place> chosen) {
        Excerpt excerpt = new Excerpt(text, EOF_LINE.length);
        boolean isEndAdded = endLine.isEmpty();
        for (Place place : chosen) {
            if (!isEndAdded && place.number() > endLine.getAsInt()) {
                excerpt.end(EOF_LINE);
                isEndAdded = true;
            }
            boolean open = place.number() == lines && text[end - 1] != '\n';
            excerpt.add(typeOf(place), place, open);
        }
        if (!isEndAdded) {
            excerpt.end(EOF_LINE);
        }
        return Optional.of(excerpt.bytes());
    }

    /** Returns the line that declares the type of a line's metric. */
    private Optional<Place> typeOf(Place place) {
        try {
            line.begin(text, place.from(), place.to());
            return Optional.ofNullable(families.get(text, line.nameFrom(), line.nameTo()))
                    .flatMap(MetricFamily::type);
        } catch (CodecException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * Reads the next line if it is like most: name and labels as in lines before, a blank, a number, and no time. What
     * else it may be is left to {@link #readNext}.
     */
    private boolean readAgain() {
        Item<MetricFamily> family = families.again(text, at, end, '{');
        if (family == null || !family.value().isSettled() || scrapeTime.isEmpty() || endLine.isPresent()) {
            return false;
        }
        int labelsAt = at + family.length() + 1;
        Item<Optional<GpuSubject>> subject = subjects.again(text, labelsAt, end, '}');
        if (subject == null || subject.value().isEmpty()) {
            return false;
        }
        int blank = labelsAt + subject.length() + 1;
        return blank < end
                && text[blank] == ' '
                && readValue(family.value().metric(), subject.value().get(), blank + 1);
    }

    /** Reads a line's value, which must be a number, and possible, and end the line. */
    private boolean readValue(GpuMetric metric, GpuSubject subject, int from) {
        int to = from;
        while (to < end && text[to] > ' ') {
            to++;
        }
        boolean isLine =
                to < end && text[to] == '\n' && to - at <= rules.limits().lineBytes();
        if (!isLine || !number.read(text, from, to) || !judge.isValue(metric, subject, number)) {
            return false;
        }
        entries.add(lines, at, to, GpuSample.of(scrapeTime.orElseThrow(), metric, number.value(), subject));
        at = to + 1;
        return true;
    }

    private void readNext() {
        int from = at;
        while (at < end && text[at] != '\n') {
            at++;
        }
        readLine(from, at);
        at++;
    }

    private void readLine(int lineFrom, int lineTo) {
        int to = lineTo;
        while (to > lineFrom && text[to - 1] == '\r') {
            to--;
        }
        int from = lineFrom;
        while (from < to && Names.isBlank(text[from])) {
            from++;
        }
        if (from == to) {
            return;
        }
        Place place = new Place(lines, from, to);
        if (text[from] == '#') {
            readComment(place);
        } else {
            readSample(place);
        }
    }

    private void readComment(Place place) {
        if (begins(place, EOF) && isBlank(place.from() + EOF.length, place.to())) {
            endLine = OptionalInt.of(endLine.orElse(lines));
            openMetrics = true;
        } else if (begins(place, TYPE)
                && place.to() - place.from() <= rules.limits().lineBytes()) {
            readType(place);
        }
    }

    private boolean begins(Place place, byte[] word) {
        int to = place.from() + word.length;
        return to <= place.to() && Arrays.equals(text, place.from(), to, word, 0, word.length);
    }

    private boolean isBlank(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!Names.isBlank(text[i])) {
                return false;
            }
        }
        return true;
    }

    private void readType(Place place) {
        int nameFrom = skip(place.from() + TYPE.length, place.to(), true);
        int nameTo = skip(nameFrom, place.to(), false);
        int kindFrom = skip(nameTo, place.to(), true);
        int kindTo = skip(kindFrom, place.to(), false);
        boolean isType = kindFrom < kindTo && isBlank(kindTo, place.to());
        if (isType && rules.isWanted(text, nameFrom, nameTo)) {
            boolean isCounter = Arrays.equals(text, kindFrom, kindTo, COUNTER, 0, COUNTER.length);
            family(nameFrom, nameTo).declare(isCounter ? MetricKind.COUNTER : MetricKind.GAUGE, place);
        }
    }

    /** Returns the index behind blanks, or behind what is none. */
    private int skip(int from, int to, boolean blanks) {
        int next = from;
        while (next < to && Names.isBlank(text[next]) == blanks) {
            next++;
        }
        return next;
    }

    private void readSample(Place place) {
        try {
            requireReadable(place);
            line.begin(text, place.from(), place.to());
            if (rules.isWanted(text, line.nameFrom(), line.nameTo())) {
                readReading(place, family(line.nameFrom(), line.nameTo()));
            } else {
                leaveOut();
            }
        } catch (CodecException fault) {
            entries.refuse(place, text, fault.reason());
        }
    }

    private void requireReadable(Place place) {
        if (endLine.isPresent()) {
            throw refuse("stands behind # EOF");
        }
        int length = place.to() - place.from();
        if (length > rules.limits().lineBytes()) {
            throw refuse("line has " + length + " bytes, the limit is "
                    + rules.limits().lineBytes());
        }
        if (at == end && !rules.acceptsOpenEnd()) {
            throw refuse("no line feed ends the line");
        }
    }

    /** Leaves out a line of another metric; words that do not end in a number are none. */
    private void leaveOut() {
        if (!line.hasLabels()) {
            line.readRest();
            requireNumber();
        }
        rules.leftOut().addOtherMetric();
    }

    private MetricFamily family(int from, int to) {
        MetricFamily family = families.get(text, from, to);
        if (family == null) {
            family = new MetricFamily(text(from, to));
            families.put(text, from, to, family);
        }
        return family;
    }

    private void readReading(Place place, MetricFamily family) {
        if (family.isLabel()) {
            rules.leftOut().addLabelField();
            return;
        }
        line.readRest();
        Optional<GpuSubject> subject = subject(family);
        if (subject.isEmpty()) {
            rules.leftOut().addNotGpu();
        } else {
            readReading(place, family, subject.get());
        }
    }

    private void readReading(Place place, MetricFamily family, GpuSubject subject) {
        try {
            if (isNumber()) {
                line.requireEnd();
                add(row(place, family, subject));
            } else if (line.hasValue() && Readings.isAbsent(line.valueAndRest())) {
                rules.leftOut().addNoValue();
            } else {
                throw notANumber();
            }
        } catch (CodecException fault) {
            entries.refuse(place, subject, family.name(), fault.reason());
        }
    }

    /** Adds a row to the entries, where it waits unless the rest of the text does not matter to it. */
    private void add(Row row) {
        if (row.family().isSettled() && row.time().isEmpty()) {
            settle(row);
        } else {
            entries.add(row);
        }
    }

    private Row row(Place place, MetricFamily family, GpuSubject subject) {
        return new Row(place, family, subject, number.value(), number.isDecimal(), line.value(), line.time());
    }

    private Optional<GpuSubject> subject(MetricFamily family) {
        Optional<GpuSubject> subject = subjects.get(text, line.labelsFrom(), line.labelsTo());
        if (subject == null) {
            Map<String, String> read = labels.read(text, line.labelsFrom(), line.labelsTo());
            try {
                subject = subjectReader.read(read, Map.of());
            } catch (CodecException fault) {
                throw refuse(family.name() + ": " + fault.reason());
            }
            subjects.put(text, line.labelsFrom(), line.labelsTo(), subject);
        }
        return subject;
    }

    private void requireNumber() {
        if (!isNumber()) {
            throw notANumber();
        }
        line.requireEnd();
    }

    private boolean isNumber() {
        Token token = line.value();
        return number.read(text, token.from(), token.to());
    }

    private CodecException notANumber() {
        return refuse("value " + Quotation.of(line.valueAndRest()) + " is not a number");
    }

    /** Gives the type of a counter of OpenMetrics to its samples, whose name is longer. */
    private void settle(MetricFamily family) {
        if (family.name().endsWith(TOTAL)) {
            byte[] name = family.name().getBytes(UTF_8);
            Optional.ofNullable(families.get(name, 0, name.length - TOTAL.length()))
                    .ifPresent(family::declareAs);
        }
    }

    private void settle(Row row) {
        Reading reading = new Reading(row.family().metric(), row.subject(), row.value(), row.fractional());
        judge.add(row.place(), reading, new Texts() {
            @Override
            public Instant time() {
                return ExpositionReading.this.time(row.time());
            }

            @Override
            public String number() {
                return text(row.token().from(), row.token().to());
            }
        });
    }

    private Instant time(Token token) {
        if (token.isEmpty()) {
            return scrapeTime.orElseThrow(
                    () -> refuse("no time; give scrapeTime(...) or the header " + ScrapeHeaders.TIME));
        }
        return ExpositionTime.read(text, token, openMetrics);
    }

    private String text(int from, int to) {
        return new String(text, from, to - from, UTF_8);
    }

    private static CodecException refuse(String reason) {
        return new CodecException(reason, 0);
    }
}
