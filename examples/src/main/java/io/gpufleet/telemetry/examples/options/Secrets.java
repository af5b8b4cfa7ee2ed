package io.gpufleet.telemetry.examples.options;

import java.util.regex.Pattern;

/** Removes passwords from texts that are shown, whatever their origin. */
final class Secrets {
    private static final String HIDDEN = "$1***";

    /**
     * The credentials of an address: everything before its last @, since a password that was not encoded may itself
     * contain an @ or a /.
     */
    private static final Pattern CREDENTIALS = Pattern.compile("(postgres(?:ql)?://)\\S*(?=@)");

    /** A setting such as password=..., sslpassword=... or ssl.key.password="..." up to its end. */
    private static final Pattern SETTING =
            Pattern.compile("(?i)((?:password|secret|jaas\\.config)\\s*=\\s*)(?:\"[^\"]*\"|[^\\s&;,'\"]+)");

    private Secrets() {}

    static String hidden(String text) {
        return SETTING.matcher(CREDENTIALS.matcher(text).replaceAll(HIDDEN)).replaceAll(HIDDEN);
    }
}
