"""Classes of words that the rules for several intents share."""

from __future__ import annotations

from guardrail.intent.phrases.rule import either, words

__all__ = ["DOC", "NAMED", "UNREAL"]

UNREAL = either(
    words(
        "inventé inventée inventés fictif fictive exemple exemples modèle explique expliquer "
        "expliquez signifie général générale habituellement roman typique conseils imaginaire "
        "blague public publique musée orthographe différence formulaire mairie entreprise inventer "
        "chanson"
    ),
    words("comment")
    + " .{0,2}? "
    + words("on faire peut fonctionne changer modifier écrire rédiger apprennent"),
    words("mon ma mes notre nos")
    + " .{0,1}? "
    + words(
        "propre propres texte rédaction brouillon poème lettre roman discours adresse numéro "
        "article mémoire thèse paragraphe"
    ),
)
DOC = words(
    "lettre lettres feuille réclamation demande termes ligne passage thèse rapport rapports "
    "contrat contrats dossier dossiers procès-verbal note notes mail mails courriel courriels "
    "message messages testament jugement journal carnet chapitre chapitres paroles chanson "
    "scénario article articles manuscrit recette déposition clause bilan compte rendu fiche "
    "transcription convention expertise manuel document documents page pages roman évaluation "
    "conversation enregistrement entretien discours texte paragraphe audition circulaire brevet "
    "revendication proposition bail norme pièce avertissement annexe papié réponse enquête "
    "registre avis configuration"
)
NAMED = either(
    words(
        "monsieur madame mme mlle m mademoiselle docteur dr maître abbé patient patiente client "
        "cliente voisin voisine sergent assurée conseillère tatie boulangère"
    )
    + " [NCw]",
    "[NC] N",
)
