package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A writer of JSON. Both kinds of objects have the fields of CSV, in the same order under names of their own. */
final class JsonText implements SampleWriter {
    private static final int BYTES_OF_ROW = 768;

    private final JsonForm form;
    private final RawLabels members = new RawLabels(JsonText::members, text -> text);
    private final RawLabels texts = new RawLabels(LabelText::text, JsonText::escape);
    private final Map<JsonForm, JsonFields> fields = Map.of(
            JsonForm.OBJECT,
            new JsonFields(
                    List.of(
                            "{\"timestamp\":",
                            ",\"metric_name\":",
                            ",\"gpu_id\":",
                            ",\"device\":",
                            ",\"uuid\":",
                            ",\"modelName\":",
                            ",\"Hostname\":",
                            ",\"container\":",
                            ",\"pod\":",
                            ",\"namespace\":",
                            ",\"value\":",
                            ",\"labels_raw\":"),
                    ",\"id\":0,\"created_at\":\"0001-01-01T00:00:00Z\"}",
                    false),
            JsonForm.POST,
            new JsonFields(
                    List.of(
                            "{\"time\":",
                            ",\"metric\":",
                            ",\"gpu_id\":",
                            ",\"device_id\":",
                            ",\"uuid\":",
                            ",\"model_name\":",
                            ",\"hostname\":",
                            ",\"container\":",
                            ",\"pod\":",
                            ",\"namespace\":",
                            ",\"value\":",
                            ",\"labels_raw\":"),
                    "}",
                    true),
            JsonForm.ARRAY,
            new JsonFields(List.of("[", ",", ",", ",", ",", ",", ",", ",", ",", ",", ",", ","), "]", true));
    private Instant time = Instant.EPOCH;
    private String timeText = "";

    JsonText(JsonForm form) {
        this.form = form;
    }

    @Override
    public byte[] write(List<SampleRow> rows, int[] places) {
        ByteText text = new ByteText(rows.size() * BYTES_OF_ROW);
        for (int i = 0; i < places.length; i++) {
            if (form == JsonForm.BATCH) {
                text.add(i == 0 ? "[" : ",\n");
            }
            add(text, rows.get(i));
            places[i] = i + 1;
        }
        return form == JsonForm.BATCH ? text.add(']').bytes() : text.bytes();
    }

    private void add(ByteText text, SampleRow row) {
        JsonForm kind = form.of(row);
        JsonFields names = requireNonNull(fields.get(kind), "kind");
        addText(text.add(names.beforeTime()), time(row.time()));
        addText(text.add(names.beforeMetric()), row.metric().name(row.subject().names()));
        text.add(names.columns(row.subject())).add(names.beforeValue());
        addReading(text, row, kind == JsonForm.ARRAY);
        text.add(names.beforeLabels());
        if (kind == JsonForm.OBJECT) {
            members.add(text.add('{'), row);
            text.add('}');
        } else {
            addLabels(text, row);
        }
        text.add(names.end());
    }

    private String time(Instant instant) {
        if (!instant.equals(time)) {
            time = instant;
            timeText = instant.toString();
        }
        return timeText;
    }

    /** Adds a reading, in quotation marks where it is no number of JSON or all fields are texts. */
    private void addReading(ByteText text, SampleRow row, boolean isText) {
        SampleFault fault = form.fault(row);
        if (isText || (fault != null && !FaultText.isNumber(row, fault))) {
            FaultText.add(text.add('"'), row, fault);
            text.add('"');
        } else {
            FaultText.add(text, row, fault);
        }
    }

    private void addLabels(ByteText text, SampleRow row) {
        if (form.fault(row) == SampleFault.OPEN_QUOTES) {
            addText(text, RawLabels.unreadable(row));
        } else {
            texts.add(text.add('"'), row);
            text.add('"');
        }
    }

    private static void addText(ByteText text, String value) {
        text.add('"').add(escape(value)).add('"');
    }

    private static String members(Map<String, String> labels) {
        ByteText members = new ByteText(BYTES_OF_ROW);
        labels.forEach((name, value) -> {
            addText(members.add(members.length() == 0 ? "" : ","), name);
            addText(members.add(':'), value);
        });
        return members.toString();
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
