package io.gpufleet.telemetry.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.RowReader.Fields;
import io.gpufleet.telemetry.codec.RowReader.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of one sample in JSON, as texts: a number as it was written, an array or an object as it stands, null as
 * the empty text. Not thread-safe.
 */
final class JsonFields {
    private static final String TIME = "timestamp";
    private static final String METRIC = "metric_name";
    private static final String VALUE = "value";
    private static final String LABELS = "labels_raw";
    private static final String METRIC_NAME = "__name__";
    private static final List<String> NEEDED = List.of(TIME, METRIC, VALUE);

    /** What is no label: the fields with a meaning, and what a database added. */
    private static final List<String> NO_LABELS = List.of(TIME, METRIC, VALUE, LABELS, "id", "created_at");

    /** The fields of an array in their order, by their names in an object. */
    private static final List<String> ORDER = List.of(
            TIME,
            METRIC,
            "gpu",
            "device",
            "UUID",
            "modelName",
            "Hostname",
            "container",
            "pod",
            "namespace",
            VALUE,
            LABELS);

    /** Other names of fields. */
    private static final Map<String, String> NAMES = Map.of(
            "time", TIME,
            "metric", METRIC,
            "gpu_id", "gpu",
            "device_id", "device",
            "uuid", "UUID",
            "model_name", "modelName",
            "hostname", "Hostname");

    private final String text;
    private final RowReader reader;
    private final Map<String, String> fields = new LinkedHashMap<>();
    private Optional<Map<String, String>> labels = Optional.empty();
    private Optional<String> fault = Optional.empty();

    JsonFields(String text, RowReader reader) {
        this.text = text;
        this.reader = reader;
    }

    /** Refuses the sample, unless it has been refused. */
    void refuse(String reason) {
        fault = fault.or(() -> Optional.of(reason));
    }

    /** Reads the rest of an array whose first value is the current token. */
    void readArray(JsonParser parser) throws IOException {
        List<String> texts = new ArrayList<>();
        int count = 0;
        for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken()) {
            if (parser.currentToken().isStructStart()) {
                refuse("field " + (count + 1) + " is no text");
            }
            String value = value(parser);
            if (count++ < ORDER.size()) {
                texts.add(value);
            }
        }
        if (count != ORDER.size()) {
            refuse("expected " + ORDER.size() + " fields, found " + count);
            return;
        }
        for (int i = 0; i < count; i++) {
            fields.put(ORDER.get(i), texts.get(i));
        }
    }

    /** Reads an object whose beginning is the current token. */
    void readObject(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            String field = NAMES.getOrDefault(name, name);
            boolean isObject = parser.nextToken() == JsonToken.START_OBJECT;
            String value = "";
            if (isObject && field.equals(LABELS)) {
                labels = Optional.of(labels(parser));
            } else {
                value = value(parser);
            }
            put(fields, field, value, name);
        }
    }

    private Map<String, String> labels(JsonParser parser) throws IOException {
        Map<String, String> read = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            put(read, name, value(parser), name);
        }
        return read;
    }

    private void put(Map<String, String> target, String name, String value, String written) {
        if (target.put(name, value) != null) {
            refuse("member " + Quotation.of(written) + " stands twice");
        }
    }

    private String value(JsonParser parser) throws IOException {
        if (parser.currentToken().isStructStart()) {
            int from = (int) parser.currentTokenLocation().getCharOffset();
            parser.skipChildren();
            return text.substring(from, (int) parser.currentLocation().getCharOffset());
        }
        return parser.currentToken() == JsonToken.VALUE_NULL ? "" : parser.getText();
    }

    /**
     * Returns the fields that were read.
     *
     * @throws CodecException if the sample is refused
     */
    Fields fields(SampleLimits limits) {
        requireNeeded();
        requireFew(fields, limits.labels() + ORDER.size());
        labels.ifPresent(read -> requireFew(read, limits.labels()));
        if (fault.isPresent()) {
            throw new CodecException(fault.get(), 0);
        }
        Map<String, String> columns = new LinkedHashMap<>(fields);
        columns.keySet().removeAll(NO_LABELS);
        columns.values().removeIf(String::isEmpty);
        return new Fields(text(TIME), text(METRIC), text(VALUE), new Labels(columns, rawLabels()));
    }

    private void requireNeeded() {
        if (fault.isEmpty()) {
            List<String> missing =
                    NEEDED.stream().filter(name -> !fields.containsKey(name)).toList();
            if (!missing.isEmpty()) {
                refuse("members missing: " + String.join(", ", missing));
            }
        }
    }

    private void requireFew(Map<String, String> labels, int most) {
        if (labels.size() > most) {
            refuse("more than " + most + " members");
        }
    }

    private Map<String, String> rawLabels() {
        if (labels.isEmpty()) {
            return reader.labels(text(LABELS));
        }
        Map<String, String> read = labels.get();
        read.values().removeIf(String::isEmpty);
        read.remove(METRIC_NAME);
        return read;
    }

    private String text(String field) {
        return fields.getOrDefault(field, "").strip();
    }
}
