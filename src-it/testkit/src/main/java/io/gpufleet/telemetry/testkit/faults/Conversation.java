package io.gpufleet.telemetry.testkit.faults;

/** Listens to one connection and decides what is lost of it. Each direction has a thread of its own. */
interface Conversation {
    /** Loses nothing. */
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

    /** Returns whether the client's present message is lost, and the connection with it. */
    boolean losesRequest(byte[] piece, int length);

    /** Returns whether the server's present message is lost, and the connection with it. */
    boolean losesReply(byte[] piece, int length);
}
