"""The templates of a configuration are looked over with it: faults with file and line, and notes of what an SMS costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.config import Config
from santral.configuration import BadConfiguration, load
from santral.template_texts import notes

FILES = {
    "inboxes.yaml": "inboxes:\n  - {name: mail, channel: email, address: destek@example.com, queue: genel, language: tr}\n",
    "queues.yaml": "queues:\n  - {name: genel, skill: genel}\n",
    "agents.yaml": "agents:\n  - {name: ayse, display_name: Ayşe, skills: [genel]}\n",
}


def loaded(directory: Path, templates: str) -> Config:
    for name, text in {**FILES, "templates.yaml": f"templates:\n{templates}"}.items():
        (directory / name).write_text(text, "utf-8")
    return load(directory)


def sms(text: str, name: str = "kargo") -> str:
    return (
        f"  - name: {name}\n    purpose: service\n    needs: {{name: Ayşe}}\n    channels: {{sms: {{tr: '{text}'}}}}\n"
    )


def test_a_template_is_found_by_its_name(tmp_path: Path) -> None:
    config = loaded(tmp_path, sms("Merhaba {{ name }}"))
    found = config.template("kargo")
    assert found is not None
    assert found.channels.sms["tr"] == "Merhaba {{ name }}"
    assert config.template("none") is None
    assert Config.model_validate(config.model_dump(mode="json")) == config


def test_all_faults_of_all_templates_are_told_with_file_line_and_field(tmp_path: Path) -> None:
    two = """  - name: bir
    purpose: service
    channels:
      email:
        tr:
          subject: "{{ konu }}"
          text: |
            a
            {{ a() }}
  - name: iki
    purpose: marketing
    channels:
      sms:
        tr: "{{"
"""
    with pytest.raises(BadConfiguration) as caught:
        loaded(tmp_path, two)
    subject, text = (
        "templates[0].channels.email.tr.subject (bir): line 1",
        "templates[0].channels.email.tr.text (bir): line 2",
    )
    sms_text = "templates[1].channels.sms.tr (iki): line 1"
    assert [str(fault) for fault in caught.value.faults] == [
        f"templates.yaml: line 7, column 11, {subject}: 'konu' is not in `needs`",
        f"templates.yaml: line 8, column 11, {text}: 'a' is not in `needs`",
        f"templates.yaml: line 8, column 11, {text}: nothing can be called; a filter is written {{{{ value | filter }}}}",
        f"templates.yaml: line 15, column 9, {sms_text}: unexpected 'end of template'",
    ]


def test_two_of_a_name_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="template 'kargo' is defined twice"):
        loaded(tmp_path, sms("a") + sms("b"))


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Merhaba {{ name }}", None),  # one part either way
        ("a" * 161, None),
        (
            "Siparişiniz bugün dağıtımda, akşama elinizde olacak. Bizi seçtiğiniz için çok sağ olun!",
            "template kargo: sms.tr is 2 parts (UCS-2); 1 part (GSM-7) with ş as s, ğ as g, ı as i, ç as c",
        ),
        ("a" * 460, "template kargo: sms.tr is 4 parts (GSM-7), each billed"),
        ("я" * 202, "template kargo: sms.tr is 4 parts (UCS-2), each billed"),
    ],
)
def test_a_dear_sms_is_noted_with_what_would_save_it(tmp_path: Path, text: str, note: str | None) -> None:
    assert list(notes(loaded(tmp_path, sms(text)))) == ([] if note is None else [note])
