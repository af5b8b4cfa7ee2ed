package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder.Values;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.gpu.GpuAsset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The reading of one CSV text of assets. Used once, by one thread. */
final class AssetCsvReading {
    private static final char[] DELIMITERS = {',', ';', '\t'};

    private final Inflated source;
    private CsvRows rows;
    private CsvCells cells = new CsvCells(DELIMITERS[0]);
    private List<String> names = List.of();

    AssetCsvReading(Inflated source) {
        this.source = source;
        this.rows = new CsvRows(source);
    }

    /**
     * Reads the whole text.
     *
     * @throws CodecException if the header cannot be used, or the text is cut off
     */
    void read(Values<? super GpuAsset> values) {
        readHeader();
        while (rows.next() && !(rows.isQuoteOpen() && source.isCut())) {
            readRow(values);
        }
        source.requireWhole(rows.linesRead());
    }

    private void readHeader() {
        for (char delimiter : DELIMITERS) {
            rows = new CsvRows(source);
            rows.delimitBy(delimiter);
            cells = new CsvCells(delimiter);
            if (!rows.next() || rows.isQuoteOpen()) {
                continue;
            }
            names = split().stream().map(AssetFields::name).toList();
            if (names.contains(AssetFields.UUID)) {
                requireDistinct();
                return;
            }
        }
        throw AssetFields.refuse("column missing: " + AssetFields.UUID);
    }

    private void requireDistinct() {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw AssetFields.refuse("column " + Quotation.of(name) + " stands twice");
            }
        }
    }

    private void readRow(Values<? super GpuAsset> values) {
        GpuAsset asset;
        try {
            asset = asset();
        } catch (CodecException unreadable) {
            values.refuse("line " + rows.place().number() + ": " + unreadable.reason());
            return;
        }
        values.accept(asset);
    }

    private GpuAsset asset() {
        if (rows.isQuoteOpen()) {
            throw AssetFields.refuse("quote opened in line " + rows.quoteLine() + " is never closed");
        }
        List<String> row = split();
        if (row.size() != names.size()) {
            throw AssetFields.refuse("expected " + names.size() + " fields, found " + row.size());
        }
        AssetFields fields = new AssetFields();
        for (int i = 0; i < row.size(); i++) {
            put(fields, names.get(i), row.get(i));
        }
        return fields.asset();
    }

    private static void put(AssetFields fields, String name, String cell) {
        if (!name.equals(AssetFields.TAGS)) {
            fields.put(name, cell);
        } else if (!cell.isBlank()) {
            AssetJsonReading.readTags(cell, fields);
        }
    }

    private List<String> split() {
        Place place = rows.place();
        return cells.split(AssetText.of(source.bytes(), place.from(), place.to()));
    }
}
