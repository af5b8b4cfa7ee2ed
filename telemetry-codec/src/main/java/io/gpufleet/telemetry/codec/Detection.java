package io.gpufleet.telemetry.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.Entry.Token;
import io.gpufleet.telemetry.codec.SampleReading.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The search for the form of a message by its content. Used once, by one thread. */
final class Detection {
    static final Form EXPOSITION = (rules, context, text) -> new ExpositionReading(rules, context, text, false);
    static final Form CSV = CsvReading::ofSamples;
    static final Form NVIDIA_SMI = CsvReading::ofNvidiaSmi;
    static final Form JSON = JsonReading::new;
    static final Form EVENT = EventReading::new;

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
        boolean isMarked = at + 3 <= end && text[at] == (byte) 0xef && text[at + 1] == (byte) 0xbb;
        at += isMarked ? 3 : 0;
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
            return Optional.of(isEvent() ? EVENT : JSON);
        }
        Optional<Form> csv = csv();
        return csv.isPresent() || !isExposition() ? csv : Optional.of(EXPOSITION);
    }

    private boolean isEvent() {
        boolean[] found = new boolean[1];
        try {
            int begin = EventJson.begin(text, from, end);
            EventJson.parse(text, begin, from, end, parser -> {
                found[0] = hasEventMember(parser);
                return false;
            });
        } catch (CodecException damaged) {
            return false;
        }
        return found[0];
    }

    /** Returns whether the first object has a member of events. */
    private static boolean hasEventMember(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            parser.nextToken();
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return false;
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            if (EVENT_MEMBERS.contains(name)) {
                return true;
            }
            parser.nextToken();
            parser.skipChildren();
        }
        return false;
    }

    private Optional<Form> csv() {
        for (char delimiter : DELIMITERS) {
            List<String> cells = header(delimiter);
            if (CsvHeader.namesMetrics(cells) && CsvHeader.known(cells) >= KNOWN_COLUMNS) {
                return Optional.of(CSV);
            }
            if (NvidiaSmiCsv.knownColumns(cells) >= KNOWN_COLUMNS) {
                return Optional.of(NVIDIA_SMI);
            }
        }
        return Optional.empty();
    }

    private List<String> header(char delimiter) {
        CsvRows rows = new CsvRows(source);
        rows.delimitBy(delimiter);
        boolean isRow = rows.next()
                && !rows.isQuoteOpen()
                && rows.place().to() - rows.place().from() <= rules.limits().lineBytes();
        try {
            return isRow ? new CsvCells(delimiter).split(text(rows.place())) : List.of();
        } catch (CodecException noHeader) {
            return List.of();
        }
    }

    private String text(Place place) {
        return new String(text, place.from(), place.to() - place.from(), StandardCharsets.UTF_8);
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
