package io.gpufleet.telemetry.codec;

/** The optional library that JSON needs. */
final class JsonLibrary {
    private static final String PARSER = "com.fasterxml.jackson.core.JsonParser";

    private JsonLibrary() {}

    /** Proves that the library is there. */
    static void require() {
        try {
            Class.forName(PARSER, false, JsonLibrary.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "JSON needs the library com.fasterxml.jackson.core:jackson-core, which is not on the class path",
                    e);
        }
    }
}
