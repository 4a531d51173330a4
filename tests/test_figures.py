"""The figures of an evaluation: as the paper counts, held against NLTK's own functions, and fairly."""

import nltk
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics import f_measure, precision, recall

from gotwatch.evaluation import figures
from gotwatch.evaluation.figures import NAMES, fair, mean, paper

CHINESE = ("本公司将于下周一开会。", "本公司将于下周二开全会。")
texts = st.text(st.sampled_from("ab cd\n"), min_size=1, max_size=30).filter(str.strip)


@given(texts, texts)
def test_the_paper_s_figures_are_those_of_its_own_calls_with_swapped_arguments(label: str, answer: str) -> None:
    found = paper(label, answer)

    # there: cal(pred=label, gt=answer), reference = gt, hypothesis = pred
    reference, hypothesis = set(answer.split()), set(label.split())
    assert found is not None
    assert found.precision == precision(reference, hypothesis)
    assert found.recall == recall(reference, hypothesis)
    assert found.f1 == pytest.approx(f_measure(reference, hypothesis))
    assert found.edit_distance == nltk.edit_distance(label, answer) / max(len(label), len(answer))


def test_the_paper_counts_a_word_once_and_calls_recall_precision() -> None:
    found = paper("the cat and the dog and the bird", "the cat")

    assert found is not None
    assert (found.precision, found.recall) == (2 / 5, 1.0)


def test_a_fair_count_takes_each_word_as_often_as_it_stands_there() -> None:
    found = fair("the cat and the dog and the bird", "the cat")

    assert (found.precision, found.recall) == (1.0, 2 / 8)


def test_the_paper_s_bleu_has_the_answer_for_the_reference() -> None:
    short, long = "one two three four five", "one two three four five six seven eight nine ten"

    cut, invented = paper(long, short), paper(short, long)

    # BLEU marks down a hypothesis that is shorter than its reference; the answer is not the hypothesis here
    assert cut is not None
    assert invented is not None
    assert cut.bleu > invented.bleu
    assert fair(long, short).bleu < fair(short, long).bleu


@pytest.mark.parametrize(("label", "answer"), [("", "a"), ("a", ""), ("", ""), (" \n", "a")])
def test_the_paper_leaves_pages_out_where_a_side_is_empty(label: str, answer: str) -> None:
    assert paper(label, answer) is None


@pytest.mark.parametrize(("truth", "answer"), [("a word", ""), ("", "a word"), ("a word", " \n ")])
def test_fairly_an_empty_answer_is_wrong_and_so_is_text_on_an_empty_page(truth: str, answer: str) -> None:
    found = fair(truth, answer)

    assert found.edit_distance == 1
    assert [getattr(found, name) for name in NAMES[1:]] == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("text", ["", "word", "two words", "a page of some more words than four", CHINESE[0]])
def test_fairly_a_page_without_a_mistake_has_full_marks_however_short(text: str) -> None:
    found = fair(text, f"{text.replace(' ', chr(10))}\n")

    assert found.edit_distance == 0
    assert [getattr(found, name) for name in NAMES[1:]] == [1, 1, 1, 1, 1]


def test_fairly_three_words_can_have_a_bleu() -> None:
    in_full, short = paper("a b c", "a b d"), fair("a b c", "a b d")

    assert in_full is not None
    assert in_full.bleu < 0.01
    assert fair("a b", "a b").bleu == 1
    assert short.bleu >= in_full.bleu


def test_chinese_is_counted_in_words() -> None:
    by_paper, fairly = paper(*CHINESE), fair(*CHINESE)

    assert by_paper is not None
    assert 0.3 < by_paper.f1 < 1
    assert 0.3 < fairly.f1 < 1


def test_accents_may_be_written_in_two_ways() -> None:
    assert fair("cafe\u0301", "caf\u00e9").edit_distance == 0


def test_meteor_takes_equal_stems_for_a_match_and_needs_no_wordnet() -> None:
    assert fair("she walks home", "she walked home").meteor > fair("she walks home", "she stays home").meteor
    # WordNet has "auto" for a synonym of "car"
    assert fair("a car here", "a auto here").meteor == fair("a car here", "a zebra here").meteor


@given(texts, texts)
def test_all_fair_figures_lie_between_0_and_1(truth: str, answer: str) -> None:
    found = fair(truth, answer)

    assert all(0 <= getattr(found, name) <= 1 for name in NAMES)


def test_the_mean_is_over_pages() -> None:
    found = mean([fair("a b", "a b"), fair("a b", "c")])

    assert found is not None
    assert (found.edit_distance, found.f1) == (0.5, 0.5)
    assert figures.mean([]) is None
