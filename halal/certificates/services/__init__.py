"""Rules of certificates: who gets one, under which number, what ends one, how they are handed over."""
