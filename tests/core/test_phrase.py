"""People's names in a sentence: in place of their ids, wherever it holds some, and nowhere else."""

from tocsin.core.phrase import Phrase, by_id, named

NAMES = by_id({"ana": "Ana Sousa", "ben": "Ben Okafor", "cy": ""})


def test_ids_of_people_become_names_and_everything_else_stays_as_it_is() -> None:
    said = Phrase("called", {"people": "ana, ben", "by": "source:probe", "person": "cy", "step": "ana"})
    meant = {"people": "Ana Sousa, Ben Okafor", "by": "source:probe", "person": "cy", "step": "ana"}
    assert named(said, NAMES) == Phrase("called", meant)


def test_a_sentence_without_people_and_one_of_nobody_stay_as_they_are() -> None:
    for said in (Phrase("ended", {"n": "3"}), Phrase("ended"), Phrase("named", {"people": ""})):
        assert named(said, NAMES) == said
