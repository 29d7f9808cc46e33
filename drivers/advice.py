"""What to check next, in Spanish and English: a text for each code that a status or an error carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from drivers.camera.condition import PictureState
from drivers.errors import Advice


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages of the house."""

    es: str
    en: str


ADVICE: Mapping[Advice, Text] = MappingProxyType(
    {
        Advice.NOTHING: Text("Nada que revisar.", "Nothing to check."),
        Advice.CHECK_CABLE: Text(
            "Revise que el equipo esté encendido y el cable o adaptador conectado a este computador.",
            "Check that the device is switched on and its cable or adapter is plugged into this computer.",
        ),
        Advice.CHECK_PERMISSION: Text(
            "El servicio no tiene permiso sobre el puerto: agregue su usuario al grupo dialout "
            "(o input, si es un lector de teclado).",
            "The service may not use the port: add its user to the group dialout (or input, for a keyboard "
            "scanner).",
        ),
        Advice.PORT_BUSY: Text(
            "Otro programa tiene abierto el puerto: ciérrelo.",
            "Another program holds the port: close it.",
        ),
        Advice.CHECK_SETTINGS: Text(
            "La configuración del puerto no es válida: corrija la clave que nombra el mensaje.",
            "The port's settings are not valid: correct the key that the message names.",
        ),
        Advice.CHECK_ADDRESS: Text(
            "Nadie responde en esa dirección: revise IP, puerto y red del convertidor.",
            "Nobody answers at that address: check the converter's IP, port number and network.",
        ),
        Advice.CHECK_CONVERTER: Text(
            "Revise el convertidor: que esté encendido, en el modo correcto (TCP o RFC 2217) y, si es él "
            "quien llama, apuntando a este computador.",
            "Check the converter: switched on, in the right mode (TCP or RFC 2217) and, if it is the one "
            "that calls, calling this computer.",
        ),
        Advice.CHECK_OUTPUT: Text(
            "El puerto está abierto y no llega nada: active la salida continua del indicador y revise que TX "
            "llegue a RX y que la tierra esté unida.",
            "The port is open and nothing arrives: turn on the indicator's continuous output, and check "
            "that TX reaches RX and the grounds are joined.",
        ),
        Advice.CHECK_SPEED: Text(
            "Llegan bytes que no se entienden: revise velocidad, bits, paridad y protocolo (ejecute probe).",
            "Bytes arrive that make no sense: check speed, bits and parity, and the protocol (run probe).",
        ),
        Advice.CHECK_LOGIN: Text(
            "El equipo pide usuario y contraseña, o rechaza los que tiene: revise «user» y la primera línea del "
            "archivo «password_file»; tras varios intentos algunas cámaras bloquean al usuario.",
            "The device asks for user and password, or refuses those it was given: check 'user' and the first "
            "line of the file 'password_file'; some cameras lock a user out after several attempts.",
        ),
        Advice.CHECK_FOLDER: Text(
            "Revise que la carpeta o el archivo exista y que el usuario del servicio pueda leerlo.",
            "Check that the folder or file is there and that the service's user may read it.",
        ),
        Advice.CHECK_INDICATOR: Text(
            "El indicador habla pero no da peso: mire su pantalla (sobrecarga, error, pantalla apagada).",
            "The indicator speaks but gives no weight: look at its display (overload, error, blank).",
        ),
        Advice.REPORT_FAULT: Text(
            "Es una falla del programa: guarde el registro y repórtela.",
            "This is a fault of the program: keep the log and report it.",
        ),
    }
)
"""The text for each code."""

PICTURES: Mapping[PictureState, Text] = MappingProxyType(
    {
        PictureState.FINE: Text("Nada que revisar.", "Nothing to check."),
        PictureState.FROZEN: Text(
            "La cámara repite la misma imagen: reiníciela (corte su alimentación) y revise su firmware.",
            "The camera repeats the same picture: restart it (cut its power) and check its firmware.",
        ),
        PictureState.BLACK: Text(
            "La imagen es negra: revise la tapa del lente, la iluminación y el modo nocturno.",
            "The picture is black: check the lens cap, the light and the night mode.",
        ),
        PictureState.BLURRED: Text(
            "La imagen está borrosa: limpie el vidrio y el lente, y enfoque (iie-gateway aim).",
            "The picture is blurred: clean the glass and the lens, and focus (iie-gateway aim).",
        ),
        PictureState.MOVED: Text(
            "La cámara ya no mira lo que miraba al arrancar: revise el soporte y apúntela (iie-gateway aim); "
            "luego reinicie el servicio.",
            "The camera no longer looks where it looked at the start: check its mount and aim it (iie-gateway "
            "aim); then restart the service.",
        ),
    }
)
"""What to do about a camera whose pictures are worth nothing."""
