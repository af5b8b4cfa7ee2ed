package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.FailurePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeadLetterWindowTest {
    private final DeadLetterWindow window = new DeadLetterWindow(FailurePolicy.defaults());

    @Test
    void wouldPass_isMoreThanHalfOfAtLeastTwoHundred() {
        assertThat(window.wouldPass(199, 199)).isFalse();
        assertThat(window.wouldPass(200, 200)).isTrue();
        assertThat(window.wouldPass(200, 100)).isFalse();
        assertThat(window.wouldPass(200, 101)).isTrue();
    }

    @Test
    void wouldPass_countsWhatWasWrittenBefore() {
        window.record(150, 150);

        assertThat(window.wouldPass(49, 49)).isFalse();
        assertThat(window.wouldPass(50, 50)).isTrue();
        assertThat(window.wouldPass(151, 1)).isTrue();
        assertThat(window.wouldPass(153, 1)).isFalse();
    }

    @Test
    void wouldPass_isNeverTrueOfGoodRecords() {
        window.record(199, 199);

        assertThat(window.wouldPass(1, 0)).isFalse();
    }

    @Test
    void wouldPass_countsTheLatestThousand() {
        window.record(1_000, 0);

        assertThat(window.wouldPass(500, 500)).isFalse();
        assertThat(window.wouldPass(501, 501)).isTrue();
        window.record(500, 500);
        assertThat(window.wouldPass(1, 1)).isTrue();
        window.record(600, 0);
        assertThat(window.wouldPass(500, 500)).isFalse();
        assertThat(window.wouldPass(501, 501)).isTrue();
    }

    @Test
    void wouldPass_ofABatchThatIsLargerThanTheWindowIsItsShare() {
        assertThat(window.wouldPass(5_000, 600)).isFalse();
        assertThat(window.wouldPass(5_000, 2_500)).isFalse();
        assertThat(window.wouldPass(5_000, 2_600)).isTrue();
        assertThat(window.wouldPass(1_000_501, 501)).isFalse();
        assertThat(window.wouldPass(1_000_000, 1_000_000)).isTrue();
    }

    @Test
    void wouldPass_takesTheRecordsOfABatchForMixed() {
        window.record(1_000, 300);

        assertThat(window.wouldPass(500, 250)).isFalse();
    }

    @Test
    void wouldPass_withAShareOfOneIsOff() {
        DeadLetterWindow off = new DeadLetterWindow(
                FailurePolicy.builder().maxDeadLetterShare(1).build());
        off.record(1_000, 1_000);

        assertThat(off.wouldPass(1_000, 1_000)).isFalse();
        assertThat(off.wouldPass(1_000_000, 1_000_000)).isFalse();
    }

    @Test
    void wouldPass_withAShareOfNoneIsTrueOfTheFirst() {
        DeadLetterWindow strict = new DeadLetterWindow(
                FailurePolicy.builder().maxDeadLetterShare(0).minRecords(1).build());

        assertThat(strict.wouldPass(1, 1)).isTrue();
        assertThat(strict.wouldPass(5, 0)).isFalse();
    }

    /** A slow window to compare with: it keeps all outcomes, and counts the latest ones each time. */
    private static final class NaiveWindow {
        private final FailurePolicy policy;
        private final List<Boolean> refused = new ArrayList<>();

        NaiveWindow(FailurePolicy policy) {
            this.policy = policy;
        }

        private static List<Boolean> spread(int good, int bad) {
            List<Boolean> outcomes = new ArrayList<>();
            long seen = 0;
            for (long i = 1; i <= good + bad; i++) {
                long due = i * bad / (good + bad);
                outcomes.add(due > seen);
                seen = due;
            }
            return outcomes;
        }

        boolean wouldPass(int good, int bad) {
            List<Boolean> all = new ArrayList<>(refused);
            all.addAll(spread(good, bad));
            List<Boolean> latest = all.subList(Math.max(0, all.size() - policy.window()), all.size());
            long count = latest.stream().filter(isRefused -> isRefused).count();
            return bad > 0
                    && latest.size() >= policy.minRecords()
                    && count > policy.maxDeadLetterShare() * latest.size();
        }

        void record(int good, int bad) {
            refused.addAll(spread(good, bad));
        }
    }

    @Test
    void wouldPass_isWhatACountOfAllWouldSay() {
        SplittableRandom random = new SplittableRandom(5);
        int passed = 0;
        for (int run = 0; run < 200; run++) {
            FailurePolicy policy = FailurePolicy.builder()
                    .window(random.nextInt(10, 60))
                    .minRecords(random.nextInt(1, 11))
                    .maxDeadLetterShare(random.nextInt(11) / 10.0)
                    .build();
            DeadLetterWindow actual = new DeadLetterWindow(policy);
            NaiveWindow naive = new NaiveWindow(policy);
            for (int step = 0; step < 40; step++) {
                int good = random.nextInt(random.nextInt(2, 90));
                int bad = random.nextInt(random.nextInt(2, 90));
                boolean wouldPass = naive.wouldPass(good, bad);
                assertThat(actual.wouldPass(good + bad, bad)).isEqualTo(wouldPass);
                passed += wouldPass ? 1 : 0;
                actual.record(good + bad, bad);
                naive.record(good, bad);
            }
        }
        assertThat(passed).isBetween(1_000, 7_000);
    }

    @Test
    void partlyStoredRecord_countsAsTheShareThatIsRefused() {
        window.record(400, 400 * 0.25);

        assertThat(window.wouldPass(600, 400)).as("100 and 400 of 1,000").isFalse();
        assertThat(window.wouldPass(600, 400.25)).isTrue();
    }

    @Test
    void fleetOfPartlyBadRecords_isNoFlood() {
        for (int i = 0; i < 5_000; i++) {
            assertThat(window.wouldPass(1, 0.3)).isFalse();
            window.record(1, 0.3);
        }
        assertThat(window.isOpen(1, 0.9)).isFalse();
    }
}
