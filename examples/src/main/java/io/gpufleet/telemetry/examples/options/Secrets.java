package io.gpufleet.telemetry.examples.options;

import java.util.regex.Pattern;

/** Takes passwords out of texts that are shown, wherever they come from. */
final class Secrets {
    private static final String HIDDEN = "$1***";

    /** All before the last @ of an address, since a password that was not encoded may have an @ or a / itself. */
    private static final Pattern CREDENTIALS = Pattern.compile("(postgres(?:ql)?://)\\S*(?=@)");

    /** A setting such as password=..., sslpassword=... or ssl.key.password="..." up to its end. */
    private static final Pattern SETTING =
            Pattern.compile("(?i)((?:password|secret|jaas\\.config)\\s*=\\s*)(?:\"[^\"]*\"|[^\\s&;,'\"]+)");

    private Secrets() {}

    static String hidden(String text) {
        return SETTING.matcher(CREDENTIALS.matcher(text).replaceAll(HIDDEN)).replaceAll(HIDDEN);
    }
}
