package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.jdbc.gpu.MoveRows.MovedHour;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Comparison;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;

/** One move of an old table, from where an earlier one ended. Used once, by one thread. */
final class TableMove {
    /** The cluster of logs that are tables. */
    private static final String TABLES = "tables";

    /** A table that gets rows all the time would be read for ever. */
    private static final int MOST_PASSES = 5;

    private final MoveSides sides;
    private final NavigableSet<LocalDate> days = new TreeSet<>();

    TableMove(MoveSides sides) {
        this.sides = sides;
    }

    Moved run() {
        HourMove hours = new HourMove(sides, new LogId(TABLES, UUID.randomUUID()));
        int open = readUntilSettled(hours);
        MoveComparison proof = new MoveComparison(sides);
        Comparison comparison = prove(proof);
        if (!proof.lackingDays().isEmpty()) {
            proof.lackingDays().forEach(this::readAgain);
            open = readUntilSettled(hours);
            comparison = prove(new MoveComparison(sides));
        }
        Counts total = sides.inStored(MoveRows.TABLE, sides.progress()::totals);
        return new Moved(total, hours.run(), hours.reasons(), comparison, open);
    }

    /** Compares all days. */
    Comparison compare() {
        hours().stream().filter(TableHour::isTimed).map(TableHour::day).forEach(days::add);
        return new MoveComparison(sides).of(days);
    }

    /** Compares the days that this move has read, or an earlier one that ended before it had proved them. */
    private Comparison prove(MoveComparison proof) {
        List<MovedHour> open = sides.inStored(MoveRows.TABLE, sides.progress()::unproved);
        open.stream().map(hour -> hour.source().day()).forEach(days::add);
        Comparison comparison = proof.of(days);
        List<MovedHour> proved = open.stream()
                .filter(hour -> !proof.lackingDays().contains(hour.source().day()))
                .toList();
        sides.inStored(MoveRows.TABLE, connection -> {
            sides.progress().prove(connection, proved);
            return Boolean.TRUE;
        });
        return comparison;
    }

    private void readAgain(LocalDate day) {
        sides.inStored(MoveRows.TABLE, connection -> {
            sides.progress().readAgain(connection, day);
            return Boolean.TRUE;
        });
    }

    /** Reads all hours that are not read as they are, until there are none; returns how many there still are. */
    private int readUntilSettled(HourMove reading) {
        List<TableHour> open = open();
        for (int pass = 0; pass < MOST_PASSES && !open.isEmpty(); pass++) {
            Map<OffsetDateTime, MovedHour> moved = sides.inStored(MoveRows.TABLE, sides.progress()::all);
            for (TableHour hour : open) {
                reading.move(hour.begin(), moved.get(hour.begin()));
            }
            open = open();
        }
        return open.size();
    }

    private List<TableHour> open() {
        Map<OffsetDateTime, MovedHour> moved = sides.inStored(MoveRows.TABLE, sides.progress()::all);
        return hours().stream()
                .filter(hour -> {
                    MovedHour known = moved.get(hour.begin());
                    return known == null || !known.isAllOf(hour);
                })
                .toList();
    }

    private List<TableHour> hours() {
        return sides.inOld(sides.table()::hours);
    }
}
