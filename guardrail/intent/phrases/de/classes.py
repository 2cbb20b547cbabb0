"""Classes of words that the rules for several intents share."""

from __future__ import annotations

from guardrail.intent.phrases.rule import either, words

__all__ = ["DOC", "NAMED", "TRAINING", "UNREAL", "YOU", "YOUR"]

YOUR = words("dein deine deinen deinem deiner deins ihre ihren ihrem ihrer euer eure")
YOU = words("du dir dich sie ihnen ihr euch")
UNREAL = either(
    words(
        "erfunden erfundene erfundenen fiktiv* beispiel* vorlage vorlagen muster* erklär* bedeutet "
        "allgemein generell üblich* üblicherweise typisch* roman geschichte gedicht märchen roman* "
        "unterschied tipps formulierung öffentlich* rechtschreibung museum anleitung "
        "schülerzeitung formular witz firma dummy platzhalter"
    ),
    words("wie")
    + " .{0,2}? "
    + words("kann man funktioniert ändere ändert lange schreibe schreibt geht schütze"),
    words("mein meine meinen meinem meiner unser unsere unseren unserem")
    + " .{0,1}? "
    + words(
        "eigene eigenen eigenes eigener text aufsatz entwurf gedicht brief rede roman geschichte "
        "absatz modell datensatz klassifikator training adresse nummer"
    ),
)
DOC = words(
    "brief briefe beschwerdemail bestellung memo* passage stelle absatz* seiten skript* *brief "
    "bericht berichte *bericht *berichts vertrag verträge *vertrag *vertrags akte akten *akte "
    "*akten protokoll *protokoll *protokolls memo vermerk *vermerk notiz notizen *notiz mail mails "
    "email *mail nachricht *nachricht testament urteil *urteil befund *befund gutachten *gutachten "
    "zeugnis *zeugnis tagebuch *tagebuch kapitel lied *lied drehbuch artikel *artikel manuskript "
    "*manuskript rezept vorlage *vorlage aussage *aussage unterlage* *klausel *unterlage entwurf "
    "abmahnung kündigung *kündigung *schrift *liste liste roman studie *studie transkript "
    "*transkript *papier papier rede songtext strophen liedtext text seite absatz klausel "
    "*anspruch *notizen *schreiben schreiben rundschreiben"
)
TRAINING = words(
    "training trainings trainingsdaten trainingskorpus trainingsdatensatz trainingsmaterial "
    "trainingsbestand trainingstexte trainingstexten trainiert antrainiert gelernt *korpus korpus "
    "finetuning finetunings *training gefüttert vortraining lernen ausbildung gewichten gewichte "
    "trainigs trainingsbibliothek eingeflossen trainingsmenge *trainingsdaten"
)
NAMED = either(
    words(
        "herr herrn frau dr prof patient patientin kunde kundin kollege kollegin nachbar nachbarin "
        "pfarrer richter schwester mandantin opa oma gast mieterin mieter"
    )
    + " [NCw]",
    "[NC] N",
)
