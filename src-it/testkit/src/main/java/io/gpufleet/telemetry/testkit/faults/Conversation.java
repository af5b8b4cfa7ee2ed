package io.gpufleet.telemetry.testkit.faults;

/** The traffic of one connection, and the decision about lost messages. Each direction has a thread of its own. */
interface Conversation {
    /** A conversation that loses nothing. */
    Conversation UNHEARD = new Conversation() {
        @Override
        public boolean losesRequest(byte[] piece, int length) {
            return false;
        }

        @Override
        public boolean losesReply(byte[] piece, int length) {
            return false;
        }
    };

    /** Returns whether the client's current message is lost, together with the connection. */
    boolean losesRequest(byte[] piece, int length);

    /** Returns whether the server's current message is lost, together with the connection. */
    boolean losesReply(byte[] piece, int length);
}
