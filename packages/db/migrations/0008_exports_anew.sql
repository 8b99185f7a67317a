-- Copies of personal data are kept by pages from now on; those kept whole are asked for anew.
DELETE FROM auth.exports;
