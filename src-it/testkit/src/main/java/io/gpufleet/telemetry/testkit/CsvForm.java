package io.gpufleet.telemetry.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CSV with one sample a row. */
enum CsvForm implements LongForm {
    /** The only one. */
    INSTANCE;

    private static final String HEADER =
            "timestamp,metric_name,gpu_id,device,uuid,modelName,Hostname,container,pod,namespace,value,labels_raw\n";
    private static final int FIELDS = 12;
    private static final int FIELDS_BEFORE_SUBJECT = 2;
    private static final int BYTES_OF_ROW = 512;

    @Override
    public SampleWriter writer() {
        return new Text();
    }

    @Override
    public @Nullable SampleFault fault(SampleRow row) {
        boolean isCut = row.hasFault(SampleFault.OPEN_QUOTES) && !LongForm.isWithoutLabels(row);
        return isCut ? SampleFault.CUT : row.fault();
    }

    @Override
    public String unit() {
        return "line";
    }

    @Override
    public String reason(SampleRow row, SampleFault fault) {
        if (fault != SampleFault.CUT) {
            return LongForm.super.reason(row, fault);
        }
        long commas = cut(row).chars().filter(character -> character == ',').count();
        return "expected " + FIELDS + " fields, found " + (FIELDS_BEFORE_SUBJECT + 1 + commas);
    }

    /** Returns the columns of a subject up to where its row is cut. */
    private static String cut(SampleRow row) {
        String columns = columns(row.subject());
        return columns.substring(0, Noise.below(columns.length(), Noise.of(row.noise(), 2)));
    }

    private static String columns(SampleSubject subject) {
        return String.join(",", subject.columns());
    }

    private static final class Text implements SampleWriter {
        private final byte[][] columns = new byte[HostScrape.MOST_SUBJECTS][];
        private final RawLabels labels = new RawLabels(LabelText::text, Text::quote);
        private Instant time = Instant.EPOCH;
        private String timeText = "";

        @Override
        public byte[] write(List<SampleRow> rows, int[] places) {
            ByteText text = new ByteText(rows.size() * BYTES_OF_ROW).add(HEADER);
            for (int i = 0; i < places.length; i++) {
                add(text, rows.get(i));
                // Line 1 is the header.
                places[i] = i + 2;
            }
            return text.bytes();
        }

        private static String quote(String list) {
            return list.replace("\"", "\"\"");
        }

        private void add(ByteText text, SampleRow row) {
            SampleFault fault = INSTANCE.fault(row);
            text.add(time(row.time()))
                    .add(',')
                    .add(row.metric().name(row.subject().names()));
            if (fault == SampleFault.CUT) {
                text.add(',').add(cut(row)).add('\n');
                return;
            }
            text.add(',').add(columns(row)).add(',');
            FaultText.add(text, row, fault);
            text.add(",\"");
            if (fault == SampleFault.OPEN_QUOTES) {
                text.add(quote(RawLabels.unreadable(row)));
            } else {
                labels.add(text, row);
            }
            text.add("\"\n");
        }

        private byte[] columns(SampleRow row) {
            int subject = row.subject().number();
            if (columns[subject] == null) {
                columns[subject] = CsvForm.columns(row.subject()).getBytes(StandardCharsets.UTF_8);
            }
            return columns[subject];
        }

        private String time(Instant instant) {
            if (!instant.equals(time)) {
                time = instant;
                timeText = instant.toString();
            }
            return timeText;
        }
    }
}
