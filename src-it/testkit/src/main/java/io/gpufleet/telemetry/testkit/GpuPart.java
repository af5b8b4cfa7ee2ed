package io.gpufleet.telemetry.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * A whole GPU or a MIG instance of one.
 *
 * @param id the id of the instance, 0 for the whole GPU
 * @param slices its compute slices, 7 for the whole GPU
 * @param profile the name of its profile, empty for the whole GPU
 */
record GpuPart(int id, int slices, String profile) {
    static final int ALL_SLICES = 7;
    static final int FEWEST_INSTANCES = 2;

    /** The instances by their number, from {@link #FEWEST_INSTANCES} on: the slices of each. */
    private static final List<List<Integer>> LAYOUTS = List.of(
            List.of(4, 3),
            List.of(3, 2, 2),
            List.of(3, 2, 1, 1),
            List.of(2, 2, 1, 1, 1),
            List.of(2, 1, 1, 1, 1, 1),
            List.of(1, 1, 1, 1, 1, 1, 1));

    /** The first ids of instances by their slices. */
    private static final int[] FIRST_IDS = {0, 7, 3, 2, 1};

    static final GpuPart WHOLE = new GpuPart(0, ALL_SLICES, "");

    /** Returns the instances of a GPU. */
    static List<GpuPart> instances(GpuModel model, int count) {
        List<GpuPart> parts = new ArrayList<>();
        int[] next = FIRST_IDS.clone();
        for (int slices : LAYOUTS.get(count - FEWEST_INSTANCES)) {
            parts.add(new GpuPart(next[slices]++, slices, model.profile(slices)));
        }
        return parts;
    }

    boolean isWhole() {
        return id == 0;
    }

    /** Returns the part of an amount that belongs to these slices. */
    int shareOf(int amount) {
        int eighths = slices == 3 ? 4 : slices;
        return isWhole() ? amount : amount / 8 * eighths;
    }
}
