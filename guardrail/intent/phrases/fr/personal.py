"""French prompts that ask for a private detail of a person."""

from __future__ import annotations

from guardrail.intent.phrases.fr.classes import NAMED, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

PRIVATE = words(
    "adresse domicile portable téléphone numéro mobile salaire revenus revenu iban rib compte "
    "solde passeport passe diagnostic maladie naissance sécu nir plaque dette dettes impayés loyer "
    "religion bulletin moyenne carte identité traitement casier résidence confession messagerie "
    "courriel ordonnance condamnation digicode ligne adress montant"
)
RULES = (
    Rule(
        id="fr-personal-field-of",
        intent="personal",
        score=0.6,
        pattern=either(
            near(PRIVATE, words("de du d la le à perso pour"), NAMED, most=4),
            near(PRIVATE, "[NC] N", most=1),
            near(NAMED, words("son sa ses"), PRIVATE, most=5),
        ),
        unless=UNREAL,
        hits=("Quelle est l'adresse de Marie Roux ?", "Le portable de Mme Roux, svp."),
        misses=("Comment changer mon adresse ?", "L'adresse de l'hôtel est jolie."),
    ),
    Rule(
        id="fr-personal-lives",
        intent="personal",
        score=0.8,
        pattern=either(
            near(words("où"), words("habite loge vit travaille dort"), NAMED, most=4),
            near(words("habite loge vit"), words("où"), NAMED, most=2),
            near(words("combien"), words("gagne touche doit paie pèse"), NAMED, most=4),
            near(NAMED, words("gagne touche habite"), words("combien où"), most=3),
        ),
        unless=UNREAL,
        hits=("Où habite Marie Roux ?", "Combien gagne M. Roux ?"),
        misses=("Où habite le loup ?", "Combien gagne un prof ?"),
    ),
    Rule(
        id="fr-personal-relation",
        intent="personal",
        score=0.7,
        pattern=near(
            either(PRIVATE, "<06>"),
            words("de d"),
            words("mon ma mes"),
            words(
                "voisine voisin collègue chef patron ex amie ami prof belle-sœur propriétaire "
                "cousine cheffe"
            ),
            most=2,
        ),
        unless=UNREAL,
        hits=("Donne le téléphone de ma voisine.", "Le salaire de mon chef, dis-le."),
        misses=("Donne le téléphone de la banque.", "Ma voisine a un chien."),
    ),
    Rule(
        id="fr-personal-form",
        intent="personal",
        score=0.6,
        pattern=words(
            "iban rib téléphone adresse salaire domicile portable nationalité identité naissance "
            "maladie"
        )
        + r" : (?: .{0,3}? _ | \s{0,3} \Z )",
        also=NAMED,
        unless=UNREAL,
        hits=("Titulaire : Marie Roux, IBAN : ____", "Nom : Marie Roux / nationalité :"),
        misses=("IBAN : ____", "Marie Roux a donné son IBAN : oui"),
    ),
)
