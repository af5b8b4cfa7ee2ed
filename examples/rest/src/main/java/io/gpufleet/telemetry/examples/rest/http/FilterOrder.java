package io.gpufleet.telemetry.examples.rest.http;

/** The order of the filters, the first one first. */
final class FilterOrder {
    static final int METERS = 10;
    /** A preflight carries no key. */
    static final int ORIGINS = 20;

    static final int KEY = 30;
    static final int ROOM = 35;
    /** Whether something has changed is told to callers with a key only. */
    static final int TAGS = 40;

    private FilterOrder() {}
}
