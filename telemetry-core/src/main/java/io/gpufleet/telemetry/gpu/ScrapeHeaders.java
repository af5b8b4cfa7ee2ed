package io.gpufleet.telemetry.gpu;

/**
 * The names of the headers that say of a record of GPU samples when and where they were taken. Both are optional, and
 * both are texts in UTF-8; of several headers of one name the last one counts.
 */
public final class ScrapeHeaders {
    /**
     * The header of the scrape time, for rows that carry no time: milliseconds since 1970 as decimal digits,
     * {@code 1772366400250}. It wins over the record's timestamp.
     */
    public static final String TIME = "telemetry-scrape-time";

    /** The header of the host whose GPUs were scraped, {@code node-031}. It wins over all labels of the rows. */
    public static final String HOST = "telemetry-host";

    private ScrapeHeaders() {}
}
