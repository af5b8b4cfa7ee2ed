package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.Entry.Token;
import io.gpufleet.telemetry.codec.SampleReading.Form;
import io.gpufleet.telemetry.internal.LineProtocolText;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The search for the form of a message by its content. Used once, by one thread. */
final class Detection {
    static final Form EXPOSITION = (rules, context, text) -> new ExpositionReading(rules, context, text, false);
    static final Form CSV = CsvReading::ofSamples;
    static final Form NVIDIA_SMI = CsvReading::ofNvidiaSmi;
    static final Form JSON = JsonReading::new;
    static final Form EVENT = EventReading::new;
    static final Form LINE_PROTOCOL =
            (rules, context, text) -> new LineProtocolReading(rules, LineProtocolRules.DEFAULT, context, text);

    private static final Set<String> EVENT_MEMBERS = Set.of("schema_version", "event_type", "metrics");
    private static final char[] DELIMITERS = {',', ';', '\t'};
    /** Lines of exposition text may be damaged, the first ones too. */
    private static final int MOST_LINES = 1000;
    /** One known column may be chance. */
    private static final int KNOWN_COLUMNS = 2;

    private final byte[] text;
    private final int from;
    private final int end;
    private final Inflated source;
    private final SampleRules rules;
    private final ExpositionLine line = new ExpositionLine();
    private final NumberReader number = new NumberReader();

    private Detection(Inflated source, SampleRules rules) {
        this.source = source;
        this.rules = rules;
        this.text = source.bytes();
        this.end = source.to();
        int at = source.from();
        while (at < end && (Names.isBlank(text[at]) || text[at] == '\r' || text[at] == '\n')) {
            at++;
        }
        this.from = at;
    }

    /** Returns the form of a message, if it has one. */
    static Optional<Form> form(Inflated text, SampleRules rules) {
        return new Detection(text, rules).form();
    }

    private Optional<Form> form() {
        if (from == end) {
            return Optional.empty();
        }
        if (text[from] == '{' || text[from] == '[') {
            return json().or(() -> Optional.of(isExposition() ? EXPOSITION : JSON));
        }
        return csv(this::formOfHeader)
                .or(() -> isLineProtocol() ? Optional.of(LINE_PROTOCOL) : Optional.empty())
                .or(() -> isExposition() ? Optional.of(EXPOSITION) : Optional.empty())
                .or(() -> csv(this::formOfRow));
    }

    /** Returns the form of JSON; none if the first two tokens are not JSON, as in a damaged line of exposition text. */
    private Optional<Form> json() {
        AtomicReference<@Nullable Form> found = new AtomicReference<>();
        try {
            int begin = EventJson.begin(text, from, end);
            EventJson.parse(text, begin, from, end, parser -> {
                parser.nextToken();
                found.set(JSON);
                found.set(hasEventMember(parser) ? EVENT : JSON);
                return false;
            });
        } catch (CodecException damaged) {
            // What was found before the damage is the form.
        }
        return Optional.ofNullable(found.get());
    }

    /** Returns whether the first object, in which the second token stands or begins it, has a member of events. */
    private static boolean hasEventMember(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            parser.nextToken();
        }
        for (; parser.currentToken() == JsonToken.FIELD_NAME; parser.nextToken()) {
            if (EVENT_MEMBERS.contains(parser.currentName())) {
                return true;
            }
            parser.nextToken();
            parser.skipChildren();
        }
        return false;
    }

    /** Returns the form that the first row has by one of the delimiters. */
    private Optional<Form> csv(Function<List<String>, Optional<Form>> form) {
        for (char delimiter : DELIMITERS) {
            Optional<Form> found = form.apply(firstRow(delimiter));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Form> formOfHeader(List<String> cells) {
        boolean isTable = cells.size() >= KNOWN_COLUMNS && CsvHeader.namesMetrics(cells);
        if (isTable || (CsvHeader.isOfSamples(cells) && CsvHeader.known(cells) >= KNOWN_COLUMNS)) {
            return Optional.of(CSV);
        }
        long ofNvidiaSmi = NvidiaSmiCsv.knownColumns(cells);
        if (ofNvidiaSmi < KNOWN_COLUMNS) {
            return Optional.empty();
        }
        // A time and a UUID stand in both forms; without a reading, the header of samples is as near.
        boolean isNearer = NvidiaSmiCsv.hasReadings(cells) || ofNvidiaSmi > CsvHeader.known(cells);
        return Optional.of(isNearer ? NVIDIA_SMI : CSV);
    }

    /** Returns the form of a row of a sample that has no header, which the form refuses in its words. */
    private Optional<Form> formOfRow(List<String> cells) {
        boolean isRow = cells.size() > KNOWN_COLUMNS
                && cells.stream().map(cell -> cell.strip().getBytes(UTF_8)).anyMatch(this::isMetric);
        return isRow ? Optional.of(CSV) : Optional.empty();
    }

    private boolean isMetric(byte[] name) {
        return rules.isWanted(name, 0, name.length);
    }

    /**
     * Returns the cells of the first row; none of a comment, or of a row with labels, whose values may name columns.
     */
    private List<String> firstRow(char delimiter) {
        CsvRows rows = new CsvRows(source);
        rows.delimitBy(delimiter);
        boolean isRow = rows.nextFull()
                && !rows.isQuoteOpen()
                && rows.place().to() - rows.place().from() <= rules.limits().lineBytes()
                && text[from] != '#'
                && !hasLabels(rows.place());
        try {
            return isRow ? new CsvCells(delimiter).split(text(rows.place())) : List.of();
        } catch (CodecException noHeader) {
            return List.of();
        }
    }

    private boolean hasLabels(Place row) {
        int at = row.from();
        while (at < row.to() && text[at] != '{') {
            at++;
        }
        while (at < row.to() && text[at] != '=') {
            at++;
        }
        return at < row.to();
    }

    private String text(Place place) {
        return new String(text, place.from(), place.to() - place.from(), UTF_8);
    }

    /** Returns whether the first line that is no comment is one of line protocol. */
    private boolean isLineProtocol() {
        int at = from;
        while (at < end) {
            int to = LineProtocolText.endOfLine(text, at, end, rules.limits().lineBytes());
            int last = to > at && text[to - 1] == '\r' ? to - 1 : to;
            if (last > at && !LineProtocolText.isComment(text, at, last)) {
                return new LineProtocolLine().isOne(text, at, last, number);
            }
            at = to + 1;
        }
        return false;
    }

    private boolean isExposition() {
        int at = from;
        for (int lines = 0; at < end && lines < MOST_LINES; lines++) {
            int to = at;
            while (to < end && text[to] != '\n') {
                to++;
            }
            if (isExposition(at, to)) {
                return true;
            }
            at = to + 1;
        }
        return false;
    }

    private boolean isExposition(int begin, int to) {
        int at = begin;
        while (at < to && Names.isBlank(text[at])) {
            at++;
        }
        if (at == to) {
            return false;
        }
        return text[at] == '#' || isSample(at, to);
    }

    private boolean isSample(int at, int to) {
        try {
            line.begin(text, at, to);
            if (line.hasLabels()) {
                return true;
            }
            line.readRest();
            Token value = line.value();
            return number.read(text, value.from(), value.to());
        } catch (CodecException other) {
            return false;
        }
    }
}
