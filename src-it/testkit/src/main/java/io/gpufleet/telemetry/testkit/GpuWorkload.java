package io.gpufleet.telemetry.testkit;

/**
 * The pod on a GPU, or on a part or a share of one. An absent text is the empty text.
 *
 * @param namespace its namespace
 * @param pod its name
 * @param container its container
 * @param vgpu the number of its share of a shared GPU
 * @param note a label of the pod, whose characters need escapes
 */
record GpuWorkload(String namespace, String pod, String container, String vgpu, String note) {
    /** The name of the label that holds the note. */
    static final String NOTE = "label_note";

    static final GpuWorkload NONE = new GpuWorkload("", "", "", "", "");

    private static final String[] NAMESPACES = {"ml", "research", "render", "inference", "default"};
    private static final String[] NOTES = {"", "", "", "", "", "say \"hi\", C:\\gpu", "two\nlines", "größe {a=\"1\"}"};

    /** Returns a workload that depends on noise only. */
    static GpuWorkload of(long noise, String vgpu) {
        String name = "train-" + Long.toHexString(noise >>> 36);
        return new GpuWorkload(
                NAMESPACES[Noise.below(NAMESPACES.length, Noise.of(noise, 1))],
                name,
                "main",
                vgpu,
                NOTES[Noise.below(NOTES.length, Noise.of(noise, 2))]);
    }
}
