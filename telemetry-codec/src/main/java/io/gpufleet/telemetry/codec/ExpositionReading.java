package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.Entry.Row;
import io.gpufleet.telemetry.codec.Entry.Token;
import io.gpufleet.telemetry.codec.KnownSubjects.Known;
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
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The reading of one exposition text. A line's tokens are places in the text; labels and names that stood in lines
 * before, of this text or of earlier ones, are not read again. A line of such labels and of a metric of the catalogue
 * allocates nothing but its sample, unless it has a time. Used once, by one thread.
 */
final class ExpositionReading implements SampleReading {
    private static final byte[] TYPE = "TYPE".getBytes(UTF_8);
    private static final byte[] COUNTER = "counter".getBytes(UTF_8);
    private static final byte[] EOF = "# EOF".getBytes(UTF_8);
    private static final byte[] EOF_LINE = "# EOF\n".getBytes(UTF_8);
    private static final String BEHIND_END = "stands behind # EOF";
    private static final String TOTAL = "_total";

    private final SampleRules rules;
    private final Optional<Instant> scrapeTime;
    private final Inflated source;
    private final byte[] text;
    private final int end;
    private boolean openMetrics;

    private final ExpositionMemory memory;
    private final Entries entries;
    private final SampleJudge judge;
    private final Recurring<MetricFamily> knownFamilies;
    private final Recurring<MetricFamily> otherFamilies;
    private final ExpositionSubjects subjects;
    private final ExpositionLine line;
    private final NumberReader number;

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
        this.text = source.bytes();
        this.at = source.from();
        this.end = source.to();
        this.openMetrics = openMetrics;
        this.memory = rules.isSecondLook()
                ? new ExpositionMemory(true)
                : rules.memories().take();
        this.entries = memory.entries();
        this.entries.begin(context);
        this.judge = new SampleJudge(rules, entries);
        this.knownFamilies = memory.knownFamilies();
        this.otherFamilies = memory.otherFamilies();
        this.subjects = new ExpositionSubjects(rules, context.host(), memory);
        this.line = memory.line();
        this.number = memory.number();
    }

    @Override
    public Entries read() {
        while (at < end) {
            lines++;
            if (!readAgain()) {
                readNext();
            }
        }
        otherFamilies.all().forEach(family -> settle(family.value()));
        entries.settle(this::settle);
        if (!subjects.mayRepeat()) {
            entries.setSingle();
        }
        return entries;
    }

    @Override
    public void release() {
        memory.forgetText();
        rules.memories().giveBack(memory);
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
            boolean isBehind = endLine.isPresent() && place.number() > endLine.getAsInt();
            if (isBehind && !isEndAdded) {
                excerpt.end(EOF_LINE);
                isEndAdded = true;
            }
            boolean open = place.number() == lines && text[end - 1] != '\n';
            excerpt.add(isBehind ? Optional.empty() : typeOf(place), place, open);
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
            return Optional.ofNullable(find(line.nameFrom(), line.nameTo())).flatMap(MetricFamily::type);
        } catch (CodecException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * Reads the next line if it is like most: name and labels as in lines before, a blank, a number, and no time. What
     * else it may be is left to {@link #readNext}.
     */
    private boolean readAgain() {
        Item<MetricFamily> family = familyAgain();
        if (family == null || scrapeTime.isEmpty() || endLine.isPresent()) {
            return false;
        }
        int labelsAt = at + family.length() + 1;
        Item<Known> subject = subjects.again(text, labelsAt, end);
        if (subject == null || subject.value().subject().isEmpty()) {
            return false;
        }
        int blank = labelsAt + subject.length() + 1;
        return blank < end
                && text[blank] == ' '
                && readValue(family.value().metric(), subject.value().subject().get(), blank + 1);
    }

    /** Returns the metric of the next line, if it is one of the likely ones and of one kind. */
    private @Nullable Item<MetricFamily> familyAgain() {
        Item<MetricFamily> known = knownFamilies.again(text, at, end, '{');
        if (known != null) {
            return known;
        }
        Item<MetricFamily> other = otherFamilies.again(text, at, end, '{');
        return other != null && other.value().isSettled() ? other : null;
    }

    /** Reads a line's value, which must be a number, and end the line. */
    private boolean readValue(GpuMetric metric, GpuSubject subject, int from) {
        int to = from;
        while (to < end && text[to] > ' ') {
            to++;
        }
        boolean isLine =
                to < end && text[to] == '\n' && to - at <= rules.limits().lineBytes();
        if (!isLine || !number.read(text, from, to) || !isAdded(at, to, metric, subject)) {
            return false;
        }
        at = to + 1;
        return true;
    }

    /** Adds a number without a time of its own, unless it is a code for no value; returns false if it is impossible. */
    private boolean isAdded(int from, int to, GpuMetric metric, GpuSubject subject) {
        switch (SampleJudge.verdict(metric, subject, number)) {
            case VALUE -> {
                GpuSample sample = GpuSample.of(scrapeTime.orElseThrow(), metric, number.value(), subject);
                entries.add(lines, from, to, sample);
                return true;
            }
            case NO_VALUE -> {
                rules.leftOut().addNoValue();
                return true;
            }
            default -> {
                return false;
            }
        }
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
        if (text[from] == '#') {
            readComment(from, to);
        } else {
            readSample(from, to);
        }
    }

    private void readComment(int from, int to) {
        int word = skip(from + 1, to, true);
        if (endLine.isPresent()) {
            entries.refuse(new Place(lines, from, to), text, BEHIND_END);
        } else if (begins(from, to, EOF) && isBlank(from + EOF.length, to)) {
            endLine = OptionalInt.of(lines);
            openMetrics = true;
        } else if (word > from + 1
                && begins(word, to, TYPE)
                && to - from <= rules.limits().lineBytes()) {
            readType(from, to, word + TYPE.length);
        }
    }

    private boolean begins(int from, int to, byte[] word) {
        int wordTo = from + word.length;
        return wordTo <= to && Arrays.equals(text, from, wordTo, word, 0, word.length);
    }

    private boolean isBlank(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!Names.isBlank(text[i])) {
                return false;
            }
        }
        return true;
    }

    private void readType(int from, int to, int wordTo) {
        int nameFrom = skip(wordTo, to, true);
        int nameTo = skip(nameFrom, to, false);
        int kindFrom = skip(nameTo, to, true);
        int kindTo = skip(kindFrom, to, false);
        boolean isType = wordTo < nameFrom && kindFrom < kindTo && isBlank(kindTo, to);
        if (isType && rules.isWanted(text, nameFrom, nameTo)) {
            MetricFamily family = family(nameFrom, nameTo);
            // A known metric stays for other texts, so that only one that an excerpt is made of takes the type.
            if (!family.isKnown() || rules.isSecondLook()) {
                boolean isCounter = Arrays.equals(text, kindFrom, kindTo, COUNTER, 0, COUNTER.length);
                family.declare(isCounter ? MetricKind.COUNTER : MetricKind.GAUGE, new Place(lines, from, to));
            }
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

    private void readSample(int from, int to) {
        try {
            requireReadable(to - from);
            line.begin(text, from, to);
            if (rules.isWanted(text, line.nameFrom(), line.nameTo())) {
                readReading(from, to, family(line.nameFrom(), line.nameTo()));
            } else {
                leaveOut();
            }
        } catch (CodecException fault) {
            entries.refuse(new Place(lines, from, to), text, fault.reason());
        }
    }

    private void requireReadable(int length) {
        if (endLine.isPresent()) {
            throw refuse(BEHIND_END);
        }
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
        MetricFamily family = find(from, to);
        if (family == null) {
            family = new MetricFamily(text(from, to));
            if (family.isKnown()) {
                knownFamilies.keep(text, from, to, family);
            } else {
                otherFamilies.put(text, from, to, family);
            }
        }
        return family;
    }

    private @Nullable MetricFamily find(int from, int to) {
        MetricFamily known = knownFamilies.find(text, from, to);
        return known == null ? otherFamilies.find(text, from, to) : known;
    }

    private void readReading(int from, int to, MetricFamily family) {
        if (family.isLabel()) {
            rules.leftOut().addLabelField();
            return;
        }
        line.readRest();
        Optional<GpuSubject> subject = subjects.of(text, line.labelsFrom(), line.labelsTo(), family.name());
        if (subject.isEmpty()) {
            rules.leftOut().addNotGpu();
        } else {
            readReading(from, to, family, subject.get());
        }
    }

    private void readReading(int from, int to, MetricFamily family, GpuSubject subject) {
        try {
            if (isNumber()) {
                line.requireEnd();
                add(from, to, family, subject);
            } else if (line.hasValue() && Readings.isAbsent(line.words())) {
                rules.leftOut().addNoValue();
            } else {
                throw notANumber();
            }
        } catch (CodecException fault) {
            entries.refuse(new Place(lines, from, to), subject, family.name(), fault.reason());
        }
    }

    /** Adds a row to the entries, where it waits if the rest of the text matters to it. */
    private void add(int from, int to, MetricFamily family, GpuSubject subject) {
        boolean waits = line.hasTime() || !family.isSettled();
        boolean isAdded = !waits && scrapeTime.isPresent() && isAdded(from, to, family.metric(), subject);
        if (!isAdded) {
            add(row(new Place(lines, from, to), family, subject), waits);
        }
    }

    private void add(Row row, boolean waits) {
        if (waits) {
            entries.add(row);
        } else {
            settle(row);
        }
    }

    private Row row(Place place, MetricFamily family, GpuSubject subject) {
        return new Row(place, family, subject, number.value(), number.isDecimal(), line.value(), line.time());
    }

    private void requireNumber() {
        if (!isNumber()) {
            throw notANumber();
        }
        line.requireEnd();
    }

    private boolean isNumber() {
        return number.read(text, line.valueFrom(), line.valueTo());
    }

    private CodecException notANumber() {
        return refuse("value " + Quotation.of(line.valueAndRest()) + " is not a number");
    }

    /** Gives the type of a counter of OpenMetrics to its samples, whose name is longer. */
    private void settle(MetricFamily family) {
        if (family.name().endsWith(TOTAL)) {
            byte[] name = family.name().getBytes(UTF_8);
            Optional.ofNullable(otherFamilies.get(name, 0, name.length - TOTAL.length()))
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
