# shows: asserts and unit tests of the learner's own

# %% after double
import unittest


class DoubleTest(unittest.TestCase):
    def test_double(self):
        self.assertEqual(double([1]), [2])


assert double([4]) == [8]
unittest.main(argv=["mine"], exit=False)
